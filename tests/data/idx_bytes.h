// The bytes of IDX and gzip files, made for the tests.
#ifndef ADJOINT_TESTS_DATA_IDX_BYTES_H_
#define ADJOINT_TESTS_DATA_IDX_BYTES_H_

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace adjoint::data {

// The header of an IDX file, right or wrong.
inline std::string IdxHeader(int type, int rank,
                             const std::vector<uint32_t>& dimensions) {
  std::string header = {0, 0, static_cast<char>(type), static_cast<char>(rank)};
  for (uint32_t d : dimensions) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      header.push_back(static_cast<char>(d >> shift & 0xff));
    }
  }
  return header;
}

// `contents` as one member of gzip.
inline std::string Gzip(const std::string& contents) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 9,
                         Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(deflateBound(&stream, contents.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(contents.data()));
  stream.avail_in = contents.size();
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline void WriteBytes(const std::string& path, const std::string& contents) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << contents;
  file.close();
  ASSERT_TRUE(file.good()) << path;
}

}  // namespace adjoint::data

#endif  // ADJOINT_TESTS_DATA_IDX_BYTES_H_
