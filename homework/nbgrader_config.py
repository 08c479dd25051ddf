"""nbgrader's configuration for a folder of graded work; each such folder loads this file from its own.

Nothing of a student's is run by nbgrader: `Verdicts` puts in what `homework.judge` found in the sandbox.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    OverwriteCells,
    SaveAutoGrades,
    SaveCells,
)

from homework.verdicts import Verdicts

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "byhand"
c.ClearSolutions.code_stub = {"python": "..."}
c.ClearSolutions.text_stub = "*Your answer, in place of this line.*"
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"page"}
c.GenerateAssignment.preprocessors = [TagRemovePreprocessor, LockCells, ClearSolutions, ClearOutput, CheckCellMetadata,
                                      ComputeChecksums, SaveCells]
c.Autograde.sanitize_preprocessors = [ClearOutput, OverwriteCells, CheckCellMetadata]
c.Autograde.autograde_preprocessors = [Verdicts, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
c.LateSubmissionPlugin.penalty_method = os.environ.get("LATE") or "none"
