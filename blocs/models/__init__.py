from blocs.models.bloc import Bloc, BlocYear, FoundingDecision, LeadTerm, Membership
from blocs.models.covenant import Covenant, CovenantLine, CovenantSignature, CovenantTarget
from blocs.models.meeting import AgendaItem, Attendance, Conclusion, Meeting, Opinion
from blocs.models.post import Post
from blocs.models.unit import Province, ProvinceSuccession, Unit, UnitSuccession

__all__ = [
    "AgendaItem",
    "Attendance",
    "Bloc",
    "BlocYear",
    "Conclusion",
    "Covenant",
    "CovenantLine",
    "CovenantSignature",
    "CovenantTarget",
    "FoundingDecision",
    "LeadTerm",
    "Meeting",
    "Membership",
    "Opinion",
    "Post",
    "Province",
    "ProvinceSuccession",
    "Unit",
    "UnitSuccession",
]
