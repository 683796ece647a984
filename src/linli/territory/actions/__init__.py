"""Every write of the room, one function a verb: load a city's divisions, lay generated ground below them, regroup grids, and
draw, propose, decide and put in force changes of micro-grids."""

from linli.territory.actions.divisions import ImportRefused, ImportReport, import_divisions
from linli.territory.actions.laying import LaidReport, lay_ground
from linli.territory.actions.regrouping import merge_grids, split_grid

__all__ = [
    "ImportRefused",
    "ImportReport",
    "LaidReport",
    "import_divisions",
    "lay_ground",
    "merge_grids",
    "split_grid",
]
