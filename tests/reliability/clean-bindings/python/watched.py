"""A plugin of pytest for AddressSanitizer: of leaks in processes that tests start, nobody wants to hear. Knows no test.

They are compilers, and other Pythons; for all else they are watched, too.
"""

import os

os.environ["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"].replace("detect_leaks=1", "detect_leaks=0")
