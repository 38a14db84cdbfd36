"""Long campaigns that try to break the library; `python -m campaigns.NAME --help` says how to run one."""
