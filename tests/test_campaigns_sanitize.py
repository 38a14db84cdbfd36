"""What `campaigns.sanitize` counts as a report of valgrind."""

from campaigns.sanitize import count_reports

OF_PYTHON = """==7== Invalid read of size 4
==7==    at 0x1: address_in_range (obmalloc.c:1957)
==7==
"""
OF_THE_KERNEL = """==7== Conditional jump or move depends on uninitialised value(s)
==7==    at 0x2: count_terms (scoring.h:72)
==7==    by 0x3: kernel_score (module.c:280)
==7==
"""


def test_only_reports_of_the_kernel_count(capsys):
    assert count_reports("") == 0
    assert count_reports(OF_PYTHON) == 0
    assert count_reports(OF_PYTHON + OF_THE_KERNEL + OF_PYTHON + OF_THE_KERNEL) == 2
    assert "count_terms" in capsys.readouterr().out
