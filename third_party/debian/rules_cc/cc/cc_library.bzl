"""cc_library as rules_cc names it."""

cc_library = native.cc_library
