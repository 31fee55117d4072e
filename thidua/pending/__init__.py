"""The two-person step: one person of an office proposes, a second one confirms, and only then is it done."""
