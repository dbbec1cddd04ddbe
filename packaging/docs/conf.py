"""Configuration of Sphinx for the documentation, which `testbench/docs` builds."""

import os

from eclgrmd import __version__

project = "eclgrmd"
author = "The eclgrmd developers"
version = release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "testbench.documentation.mathml",
]
exclude_patterns = ["_parts"]
language = "en"
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_google_docstring = False
napoleon_use_rtype = False
always_use_bars_union = True
add_module_names = False

html_theme = "pydata_sphinx_theme"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["eclgrmd.css"]
html_title = f"eclgrmd {__version__}"
html_show_sourcelink = False
html_copy_source = False
html_last_updated_fmt = None if "SOURCE_DATE_EPOCH" in os.environ else ""
html_theme_options = {
    "logo": {"text": "eclgrmd"},
    "navbar_align": "left",
    "show_prev_next": True,
    "show_nav_level": 1,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
