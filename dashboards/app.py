"""The dashboard's router: which pages there are, and nothing else.

Started by `tieout ui`, or by hand: `streamlit run dashboards/app.py -- --home DIR`.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

# A file of our own: icons by name are fetched from the Internet for the browser tab.
ICON = Path(__file__).with_name("icon.svg")

st.set_page_config(page_title="Tieout", page_icon=str(ICON), layout="wide")
st.navigation(
    [
        st.Page(
            "views/leakage.py",
            title="Leakage overview",
            icon=":material/waterfall_chart:",
            default=True,
        ),
        st.Page(
            "views/findings.py",
            title="Findings",
            icon=":material/troubleshoot:",
            url_path="findings",
        ),
        st.Page(
            "views/data_quality.py",
            title="Data quality",
            icon=":material/fact_check:",
            url_path="data_quality",
        ),
        st.Page("views/finding.py", title="Finding", url_path="finding", visibility="hidden"),
    ],
    position="top",
).run()
