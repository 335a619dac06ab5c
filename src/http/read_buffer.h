// Bytes received and not yet parsed. Small while a connection is idle; grows to what one header may need.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace epay::http {

class ReadBuffer {
 public:
  static constexpr std::size_t small_bytes = 4 * 1024;

  std::string_view bytes() const { return {storage_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }

  // Where to read into: at least one byte, as long as less than `most` bytes are held; else empty.
  std::span<char> room(std::size_t most) {
    if (begin_ > 0) move_to_front();
    if (end_ == capacity_) {
      if (capacity_ >= most) return {};
      resize(std::min(std::max(capacity_ * 2, small_bytes), most));
    }
    return {storage_.get() + end_, capacity_ - end_};
  }
  void received(std::size_t count) { end_ += count; }
  void consume(std::size_t count) { begin_ += count; }
  // Gives back what a large request took, when nothing is held.
  void shrink() {
    if (!empty()) return;
    begin_ = end_ = 0;
    if (capacity_ > small_bytes) resize(small_bytes);
  }

 private:
  void move_to_front() {
    std::memmove(storage_.get(), storage_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  void resize(std::size_t capacity) {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (end_ > 0) std::memcpy(larger.get(), storage_.get(), end_);
    storage_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> storage_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace epay::http
