/// Threads of a test, and where they wait for each other. Knows nothing of the library.
#ifndef CREW_HPP
#define CREW_HPP

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

/// Starts the threads, and waits for them at the end of its life.
class crew {
  public:
    template <typename Work> void start(Work work) { threads_.emplace_back(std::move(work)); }
    ~crew() { join(); }

    void join() {
        for (std::thread &thread : threads_) {
            thread.join();
        }
        threads_.clear();
    }

  private:
    std::vector<std::thread> threads_;
};

/// Closed until it is opened; then open for ever.
class gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        opened_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, [&] { return is_open_; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable opened_;
    bool is_open_ = false;
};

#endif
