/// Many files, in and out of a store in batches. Knows how the store is used, and nothing of what prints it.
#ifndef CORPUS_HPP
#define CORPUS_HPP

#include <bytestore.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The files of a manifest, and what storing them took. Seconds cover the store's calls only.
class corpus {
  public:
    corpus(bytestore::store &store, const std::string &manifest);

    /// Stores all files, each under its path.
    void fill();

    /// Reads all files from the store and writes down their hashes.
    void read_back(const std::string &path);

    /// Counts the keys with a prefix.
    void count(std::string_view prefix);

    /// All figures, as JSON.
    std::string result() const;

  private:
    /// Says about fifty times how much is done.
    void progress(std::size_t files);

    bytestore::store &store_;
    std::string root_;
    std::vector<std::string> paths_;
    std::size_t done_ = 0; // files stored plus files read back
    std::size_t entries_ = 0, bytes_ = 0, prefix_ = 0;
    long long rss_ = 0;
    double mset_seconds_ = 0, mget_seconds_ = 0;
};

#endif
