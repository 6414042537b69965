// Programs run by a test, and what they leave behind.
#ifndef ADJOINT_TESTS_MODELS_PROCESS_H_
#define ADJOINT_TESTS_MODELS_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace adjoint {

// The path of a folder in the test's own, which is not there.
std::string NewFolder(const std::string& name);

// Starts a program in a process, where `prepare` is called first. Its stdout
// and stderr go into the file `output`.
pid_t Start(
    std::vector<std::string> command, const std::string& output,
    const std::function<void()>& prepare = [] {});

// What the process returned, or 128 and the signal that ended it.
int Wait(pid_t child);

// summary.json of a run; an empty object where there is none.
nlohmann::json Summary(const std::string& run_dir);

// metrics.jsonl without the times.
std::vector<nlohmann::json> Rows(const std::string& run_dir);

}  // namespace adjoint

#endif  // ADJOINT_TESTS_MODELS_PROCESS_H_
