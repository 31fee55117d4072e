"""Vietnamese words of the two-person step."""

from thidua.pending.rules import State

STATES = {
    State.PROPOSED.value: "Chờ người thứ hai",
    State.CONFIRMED.value: "Đã xác nhận",
    State.REFUSED.value: "Không đồng ý",
    State.WITHDRAWN.value: "Đã rút",
}
TAGS = {
    State.PROPOSED.value: "wait",
    State.CONFIRMED.value: "ok",
    State.REFUSED.value: "bad",
    State.WITHDRAWN.value: "wait",
}
VERBS = {
    "pending.propose": "đề nghị",
    "pending.confirm": "xác nhận đề nghị",
    "pending.refuse": "không đồng ý đề nghị",
    "pending.withdraw": "rút đề nghị",
}
