// A few threads that wait for work and split rows evenly: part p of P always gets the same rows, so that a run repeats to the bit.
#pragma once
#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>

namespace ladder {

class Threads {
 public:
  // Never destroyed: its threads may still be waiting when the process exits.
  static Threads& get() {
    static Threads* threads = new Threads;
    return *threads;
  }

  // Calls work(begin, end, part) for disjoint ranges of `rows`; `cost` is about the number of floats that one row touches. Returns the number of parts.
  long split(long rows, long cost, const std::function<void(long begin, long end, long part)>& work) {
    const long parts = std::max(1L, std::min({count_, rows, rows * cost / kLeast}));
    const std::function<void(long)> run = [&](long part) { work(rows * part / parts, rows * (part + 1) / parts, part); };
    if (parts > 1) start(parts, run);
    run(0);
    if (parts > 1) finish();
    return parts;
  }

  long most() const { return count_; }

 private:
  static constexpr long kLeast = 16384;  // waking a thread costs as much as a pass over about this many floats

  Threads() {
    const char* asked = std::getenv("TF_NUM_INTRAOP_THREADS");
    const long wanted = asked ? std::atol(asked) : 0;
    count_ = wanted > 0 ? wanted : std::max(1L, static_cast<long>(std::thread::hardware_concurrency()));
    for (long part = 1; part < count_; part++) std::thread([this, part] { serve(part); }).detach();
  }

  void start(long parts, const std::function<void(long)>& run) {
    std::lock_guard<std::mutex> guard(mutex_);
    run_ = &run;
    parts_ = parts;
    left_ = parts - 1;
    round_++;
    wake_.notify_all();
  }

  void finish() {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return left_ == 0; });
  }

  void serve(long part) {
    long seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return round_ != seen; });
      seen = round_;
      if (part >= parts_) continue;
      const auto* run = run_;
      lock.unlock();
      (*run)(part);
      lock.lock();
      if (--left_ == 0) done_.notify_one();
    }
  }

  long count_ = 1;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(long)>* run_ = nullptr;
  long parts_ = 0, left_ = 0, round_ = 0;
};

}  // namespace ladder
