"""cc_binary as rules_cc names it."""

cc_binary = native.cc_binary
