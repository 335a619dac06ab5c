#include "bench/service.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace epay::bench {

Service::Service(const std::string& binary, std::vector<std::string> arguments) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  arguments.insert(arguments.begin(), {binary, "serve"});
  process_ = fork();
  if (process_ == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    execv(binary.c_str(), argv.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  output_ = pipe_ends[0];
  std::string seen;
  char buffer[512];
  for (;;) {
    const ssize_t got = read(output_, buffer, sizeof buffer);
    if (got <= 0) throw std::runtime_error("the service did not start: " + seen);
    seen.append(buffer, std::size_t(got));
    const auto at = seen.find("\"address\":\"127.0.0.1:");
    if (at != std::string::npos && seen.find('\n', at) != std::string::npos) {
      port_ = std::uint16_t(std::atoi(seen.c_str() + at + 21));
      return;
    }
  }
}

Service::~Service() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
  close(output_);
}

Usage Service::usage() const {
  Usage usage;
  std::ifstream stat("/proc/" + std::to_string(process_) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  usage.cpu_seconds = (user + system) / double(sysconf(_SC_CLK_TCK));
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) usage.peak_kib = std::atoll(line.c_str() + 6);
    if (line.starts_with("VmRSS:")) usage.resident_kib = std::atoll(line.c_str() + 6);
  }
  return usage;
}

}  // namespace epay::bench
