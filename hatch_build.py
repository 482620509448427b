"""Compiles the templates to Python for a wheel, which holds them so alone."""

from __future__ import annotations

import sys
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileTemplates(BuildHookInterface[Any]):
    """The custom hook of [tool.hatch.build.targets.wheel] in pyproject.toml."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the compiled templates to the wheel; an editable one uses the files."""
        self._folder = TemporaryDirectory()
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from jinja2 import FileSystemLoader

        from specc.templating import TEMPLATES, environment

        jinja = environment(FileSystemLoader(TEMPLATES))
        jinja.compile_templates(self._folder.name, zip=None, ignore_errors=False)
        build_data["force_include"][self._folder.name] = "specc/templates"

    def finalize(self, *_: object) -> None:
        """Remove what was compiled."""
        self._folder.cleanup()
