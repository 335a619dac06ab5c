#include "runtime/work_thread.h"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <thread>

namespace epay::runtime {
namespace {

// False when there was no memory for it.
bool run_now(std::move_only_function<void()>& work) {
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

// The thread and what waits for it. Shared with the coroutines that wait, which may go before it or after it.
class WorkThread::Worker {
 public:
  struct Work {
    std::move_only_function<void()> run;
    std::coroutine_handle<> waiting = {};  // none once its coroutine is gone
    bool done = false;
  };

  Worker(Clock& clock, std::size_t waiting_max) : clock_(clock), waiting_max_(waiting_max) {
    // A signal handled on this thread would surprise; it inherits the mask in force while it is made.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { serve(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      waiting_.clear();
    }
    arrived_.notify_one();
    thread_.join();
  }

  // False when it was turned away.
  bool submit(const std::shared_ptr<Work>& work, std::coroutine_handle<> waiting) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= waiting_max_) return false;
      work->waiting = waiting;
      waiting_.push_back(work);
    }
    arrived_.notify_one();
    return true;
  }

  void abandon(Work& work) {
    const std::lock_guard lock(mutex_);
    work.waiting = {};
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      arrived_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_) return;
      const auto work = std::move(waiting_.front());
      waiting_.pop_front();
      // Whoever gave up needs no answer.
      if (!work->waiting) continue;
      lock.unlock();
      const bool done = run_now(work->run);
      lock.lock();
      if (stopped_) return;
      work->done = done;
      if (work->waiting) clock_.post(std::exchange(work->waiting, {}));
    }
  }

  Clock& clock_;
  const std::size_t waiting_max_;
  std::mutex mutex_;  // guards what follows, and every work but its run
  std::condition_variable arrived_;
  std::deque<std::shared_ptr<Work>> waiting_;
  bool stopped_ = false;
  std::thread thread_;
};

WorkThread::WorkThread(Clock& clock, Options options) : clock_(clock) {
  if (options.threading == Threading::own_thread) worker_ = std::make_shared<Worker>(clock, options.waiting_max);
}

WorkThread::~WorkThread() {
  if (worker_) worker_->stop();
}

Task<Result<>> WorkThread::run_elsewhere(std::move_only_function<void()> work) {
  static constexpr const char* unavailable = "Too much is being done at once; try again in a moment";
  if (!worker_) {
    co_await clock_.yield();
    if (!run_now(work)) co_return fail(ErrorCode::unavailable, unavailable);
    co_return Result<>();
  }
  struct Done {
    Worker& worker;
    const std::shared_ptr<Worker::Work>& work;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> self) { return worker.submit(work, self); }
    void await_resume() const noexcept {}
  };
  // A coroutine destroyed while it waits must not be resumed by the thread.
  struct Abandon {
    std::shared_ptr<Worker> worker;
    std::shared_ptr<Worker::Work> work;
    ~Abandon() { worker->abandon(*work); }
  };
  const Abandon held{worker_, std::make_shared<Worker::Work>(std::move(work))};
  co_await Done{*held.worker, held.work};
  if (!held.work->done) co_return fail(ErrorCode::unavailable, unavailable);
  co_return Result<>();
}

}  // namespace epay::runtime
