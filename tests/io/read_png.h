// PNG files, read by the standard's rules (ISO/IEC 15948:2004).
#ifndef ADJOINT_TESTS_IO_READ_PNG_H_
#define ADJOINT_TESTS_IO_READ_PNG_H_

#include <string>

#include "framework/io/picture.h"

namespace adjoint::io {

// The picture in a file, with the colours that its indices mean. Fails the test
// for what is not as EncodePng writes it: 8 bits, rows in order and without
// filters, in one piece.
Picture ReadPng(const std::string& png);

}  // namespace adjoint::io

#endif  // ADJOINT_TESTS_IO_READ_PNG_H_
