/// The steps that give keys: whole scans, scans under way, and pages.
#include <set>

#include "outcome.hpp"
#include "steps.hpp"

namespace conformance {

std::optional<std::string> scan::next() {
    if (!place_) {
        place_ = keys_.begin();
    } else if (*place_ != keys_.end()) {
        ++*place_;
    }
    return *place_ == keys_.end() ? std::nullopt : std::optional<std::string>(**place_);
}

scan &running_case::scan_of(const std::string &name) {
    const auto found = scans_.find(name);
    if (found == scans_.end()) {
        throw failure("no scan " + name);
    }
    return found->second;
}

void running_case::keys(const std::string &name, fields step) {
    const std::string prefix = step.prefix();
    const auto expected = step.answer("expect", list);
    step.end();
    const auto answer = outcome(step.error(), [&] {
        bytestore::key_range keys = store_of(name).keys(prefix);
        return byte_list(keys.begin(), keys.end());
    });
    compare(answer, expected);
}

void running_case::scan_start(const std::string &name, fields step) {
    const std::string scan_name = text(step.take("scan")), prefix = step.prefix();
    step.end();
    if (auto keys = outcome(step.error(), [&] { return store_of(name).keys(prefix); })) {
        scans_.insert_or_assign(scan_name, scan(std::move(*keys)));
    }
}

void running_case::scan_next(const std::string &, fields step) {
    scan &scan = scan_of(text(step.take("scan")));
    const std::size_t take = number(step.take("take"));
    const auto expected = step.answer("expect", list);
    step.end();
    const auto answer = outcome(step.error(), [&] {
        byte_list keys;
        while (keys.size() < take) {
            auto key = scan.next();
            if (!key) {
                break;
            }
            keys.push_back(std::move(*key));
        }
        return keys;
    });
    compare(answer, expected);
}

void running_case::scan_rest(const std::string &, fields step) {
    scan &scan = scan_of(text(step.take("scan")));
    const auto expected = step.answer("expect", list);
    const auto may_form = step.optional("may_include");
    step.end();
    const byte_list may_list = may_form ? list(*may_form) : byte_list();
    const std::set<std::string> may(may_list.begin(), may_list.end());
    const auto answer = outcome(step.error(), [&] {
        std::set<std::string> seen;
        byte_list others;
        while (const auto key = scan.next()) {
            if (!seen.insert(*key).second) {
                throw failure("twice: " + shown(*key));
            }
            if (may.count(*key) == 0) {
                others.push_back(*key);
            }
        }
        return others;
    });
    compare(answer, expected);
}

void running_case::page(const std::string &name, fields step) {
    const std::string prefix = step.prefix();
    std::uint64_t &position = pages_[{name, text(step.take("page"))}];
    const std::size_t take = number(step.take("take"));
    const auto expected = step.answer("expect", list);
    step.end();
    const auto answer = outcome(step.error(), [&] {
        const bytestore::key_page page = store_of(name).page(prefix, take, position);
        position = page.next();
        return byte_list(page.begin(), page.end());
    });
    compare(answer, expected);
}

} // namespace conformance
