/// Fills the store from the disk, reads it back, and keeps the time.
#include "corpus.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace {

constexpr std::size_t batch_size = 64;

std::string content_of(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    // An empty file sets failbit in `content`, not in `file`.
    if (!file.is_open() || file.bad()) {
        throw std::runtime_error("cannot read " + path);
    }
    return content.str();
}

std::string sha256(std::string_view bytes) {
    std::array<unsigned char, 32> digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("libcrypto has no SHA-256");
    }
    std::string hex;
    for (const unsigned char byte : digest) {
        hex += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
    }
    return hex;
}

/// The memory of this process that is really there.
long long resident_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (long long kibibytes = 0; word == "VmRSS:" && status >> kibibytes) {
            return kibibytes * 1024;
        }
    }
    throw std::runtime_error("/proc/self/status has no VmRSS");
}

/// Does `act` and adds the time it takes.
template <typename Act> auto timed(double &seconds, Act act) {
    struct watch {
        double &seconds;
        std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
        ~watch() { seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); }
    } const running{seconds};
    return act();
}

} // namespace

corpus::corpus(bytestore::store &store, const std::string &manifest) : store_(store) {
    std::ifstream file(manifest);
    if (!std::getline(file, root_)) {
        throw std::runtime_error("cannot read " + manifest);
    }
    for (std::string line; std::getline(file, line);) {
        paths_.push_back(line);
    }
}

void corpus::fill() {
    const long long before = resident_bytes();
    for (std::size_t first = 0; first < paths_.size(); first += batch_size) {
        std::vector<std::pair<std::string_view, std::string>> batch;
        const std::size_t end = std::min(first + batch_size, paths_.size());
        for (std::size_t i = first; i < end; ++i) {
            batch.emplace_back(paths_[i], content_of(root_ + '/' + paths_[i]));
            bytes_ += batch.back().second.size();
        }
        timed(mset_seconds_, [&] { store_.mset(batch); });
        progress(batch.size());
    }
    rss_ = resident_bytes() - before;
    entries_ = store_.size();
}

void corpus::read_back(const std::string &path) {
    std::ofstream hashes(path);
    for (std::size_t first = 0; first < paths_.size(); first += batch_size) {
        const std::size_t size = std::min(batch_size, paths_.size() - first);
        const std::string *const batch = &paths_[first];
        const bytestore::values contents = timed(mget_seconds_, [&] { return store_.mget({batch, size}); });
        for (std::size_t i = 0; i < size; ++i) {
            if (!contents[i]) {
                throw std::runtime_error(batch[i] + " is missing");
            }
            hashes << sha256(*contents[i]) << "  " << batch[i] << '\n';
        }
        progress(size);
    }
    if (!hashes.flush()) {
        throw std::runtime_error("cannot write " + path);
    }
}

void corpus::count(std::string_view prefix) {
    bytestore::key_range keys = store_.keys(prefix);
    prefix_ = static_cast<std::size_t>(std::distance(keys.begin(), keys.end()));
    std::cout << "prefix: " << prefix_ << " keys begin with " << prefix << std::endl;
}

std::string corpus::result() const {
    std::ostringstream json;
    json << R"({"language": "cpp", "entries": )" << entries_ << R"(, "bytes": )" << bytes_ << R"(, "mset_seconds": )"
         << mset_seconds_ << R"(, "mget_seconds": )" << mget_seconds_ << R"(, "prefix": )" << prefix_
         << R"(, "rss_bytes": )" << rss_ << '}';
    return json.str();
}

void corpus::progress(std::size_t files) {
    const std::size_t total = 2 * paths_.size(), before = done_ * 50 / total;
    done_ += files;
    if (done_ * 50 / total > before) {
        std::cout << "progress " << done_ << ' ' << total << std::endl;
    }
}
