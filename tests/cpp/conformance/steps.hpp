/// The steps of a case, done with the public C++ API and nothing else of the library.
#ifndef STEPS_HPP
#define STEPS_HPP

#include <bytestore.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "notation.hpp"

namespace conformance {

/// One step's fields. Each is taken once; what is left at the end is unknown.
class fields {
  public:
    explicit fields(json step);

    json take(const char *field);
    std::optional<json> optional(const char *field);
    std::string prefix();

    /// How long entries live, if the step says so.
    std::optional<bytestore::time_to_live> ttl();

    /// Overwrite the input after the call?
    bool scribble();

    /// The field with the answer, which a step that must fail does not have.
    template <typename Read> auto answer(const char *field, Read read) {
        using result = std::optional<decltype(read(json()))>;
        return error_ ? result() : result(read(take(field)));
    }

    /// The name of the status that the step must fail with.
    const std::optional<std::string> &error() const { return error_; }

    /// Every field must have been understood.
    void end() const;

  private:
    json left_;
    std::optional<std::string> error_;
};

/// An iteration under way. Its first step is made when its first key is asked for.
class scan {
  public:
    explicit scan(bytestore::key_range keys) : keys_(std::move(keys)) {}

    std::optional<std::string> next();

    /// On a server, which keeps no order: what it gave so far, and should have, to be compared at its end.
    byte_list given, due;

  private:
    bytestore::key_range keys_;
    std::optional<bytestore::key_range::iterator> place_;
};

/// What lives while a case runs.
class running_case {
  public:
    running_case();

    /// Does one step; throws what is wrong with it.
    void run(const json &step);

  private:
    void open(const std::string &name, fields step);
    void save(const std::string &name, fields step);
    void load(const std::string &name, fields step);
    void close(const std::string &name, fields step);
    void scan_start(const std::string &name, fields step);
    void scan_next(const std::string &name, fields step);
    void scan_rest(const std::string &name, fields step);
    void race(const std::string &name, fields step);
    void mset(const std::string &name, fields step);
    void mget(const std::string &name, fields step);
    void mdelete(const std::string &name, fields step);
    void keys(const std::string &name, fields step);
    void count(const std::string &name, fields step);
    void delete_prefix(const std::string &name, fields step);
    void page(const std::string &name, fields step);
    void name_space(const std::string &name, fields step);
    void compute(const std::string &name, fields step);
    void len(const std::string &name, fields step);
    void advance(const std::string &name, fields step);
    void counters(const std::string &name, fields step);

    void add(const std::string &name, std::optional<bytestore::store> store);
    bytestore::store &store_of(const std::string &name);
    scan &scan_of(const std::string &name);
    const std::string &snapshot_of(const std::string &name);

    std::map<std::string, bytestore::store> stores_;
    std::map<std::string, scan> scans_;
    std::map<std::string, std::string> snapshots_;
    std::map<std::pair<std::string, std::string>, std::uint64_t> pages_; // by store and page: where the next one begins
};

} // namespace conformance

#endif
