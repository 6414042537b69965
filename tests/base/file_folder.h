// A folder of files for a test.
#ifndef ADJOINT_TESTS_BASE_FILE_FOLDER_H_
#define ADJOINT_TESTS_BASE_FILE_FOLDER_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace adjoint {

// An empty folder for each test, and the path of a file `a` in it.
class FileFolder : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "file_folder_" +
                 testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directory(directory_);
    path_ = directory_ + "/a";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // What the standard library finds there.
  std::string Contents() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> Listing() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  std::string directory_, path_;
};

}  // namespace adjoint

#endif  // ADJOINT_TESTS_BASE_FILE_FOLDER_H_
