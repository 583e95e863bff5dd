/// The race of a case, with a thread for each writer; the caller's thread reads.
#include "race.hpp"

#include <algorithm>
#include <chrono>
#include <future>

namespace conformance {
namespace {

void write(bytestore::store &store, const byte_list &keys, std::size_t writer, std::size_t rounds, bool deletes) {
    for (std::size_t round = 0; round < rounds; ++round) {
        if (deletes && round % 2 == 1) {
            store.mdelete(keys);
        } else {
            const std::string value = std::to_string(writer) + '-' + std::to_string(round);
            store.mset(keys, byte_list(keys.size(), value));
        }
    }
}

void read(const bytestore::store &store, const byte_list &keys) {
    const bytestore::values answer = store.mget(keys);
    if (answer.size() != keys.size()) {
        throw failure(std::to_string(answer.size()) + " answers to " + std::to_string(keys.size()) + " keys");
    }
    const auto differs = [&](auto value) { return value != answer[0]; };
    if (const auto other = std::find_if(answer.begin(), answer.end(), differs); other != answer.end()) {
        throw failure("a torn batch: " + shown(std::optional<std::string>(*other)) + " beside " +
                      shown(std::optional<std::string>(answer[0])));
    }
}

bool is_done(const std::future<void> &writer) {
    return writer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

} // namespace

void race(bytestore::store &store, const byte_list &keys, std::size_t writers, std::size_t rounds,
          const std::string &with) {
    if (with != "mset" && with != "mdelete") {
        throw failure("unknown kind of race " + with);
    }
    const bool deletes = with == "mdelete";
    std::vector<std::future<void>> writing;
    for (std::size_t writer = 0; writer < writers; ++writer) {
        writing.push_back(std::async(std::launch::async, [&store, &keys, writer, rounds, deletes] {
            write(store, keys, writer, rounds, deletes);
        }));
    }
    // Once more after the last writer has gone.
    for (bool last = false; !last;) {
        last = std::all_of(writing.begin(), writing.end(), is_done);
        read(store, keys);
    }
    for (std::future<void> &writer : writing) {
        writer.get(); // its exception, if any
    }
}

} // namespace conformance
