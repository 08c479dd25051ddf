"""The one preprocessor that nbgrader runs in place of executing a notebook."""

from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor


class Verdicts(NbGraderPreprocessor):
    """Writes under each check what was found in the sandbox, and the points as the cell's value: partial credit."""

    def preprocess(self, notebook, resources):
        if "verdicts" not in notebook.metadata:
            raise ValueError(f"{resources['nbgrader']['student']} has no verdicts: grade with make grade")
        for cell in notebook.cells:
            verdict = notebook.metadata.verdicts.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if verdict:
                points = verdict["credit"] * cell.metadata.nbgrader.points
                cell.outputs = [new_output("stream", name="stdout", text=verdict["text"] + "\n"),
                                new_output("execute_result", data={"text/plain": f"{points:g}"}, execution_count=None)]
        return notebook, resources
