"""cc_test as rules_cc names it."""

cc_test = native.cc_test
