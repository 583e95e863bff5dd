/// The steps that give keys: whole scans, scans under way, and pages.
#include <algorithm>
#include <set>

#include "outcome.hpp"
#include "place.hpp"
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
        return comparable(byte_list(keys.begin(), keys.end()));
    });
    compare(answer, expected ? std::optional(comparable(*expected)) : std::nullopt);
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
    if (keeps_order() || !answer || !expected) {
        return compare(answer, expected);
    }
    scan.given.insert(scan.given.end(), answer->begin(), answer->end());
    scan.due.insert(scan.due.end(), expected->begin(), expected->end());
}

void running_case::scan_rest(const std::string &, fields step) {
    scan &scan = scan_of(text(step.take("scan")));
    const auto expected = step.answer("expect", list);
    const auto may_form = step.optional("may_include");
    step.end();
    const byte_list may_list = may_form ? list(*may_form) : byte_list();
    const std::set<std::string> may(may_list.begin(), may_list.end());
    const auto certain = [&](byte_list keys) {
        keys.erase(std::remove_if(keys.begin(), keys.end(), [&](const auto &key) { return may.count(key) > 0; }),
                   keys.end());
        return comparable(std::move(keys));
    };
    const auto answer = outcome(step.error(), [&] {
        byte_list keys = std::move(scan.given);
        while (auto key = scan.next()) {
            keys.push_back(std::move(*key));
        }
        std::set<std::string> seen;
        for (const std::string &key : keys) {
            if (!seen.insert(key).second) {
                throw failure("twice: " + shown(key));
            }
        }
        return certain(std::move(keys));
    });
    if (expected) {
        scan.due.insert(scan.due.end(), expected->begin(), expected->end());
    }
    compare(answer, expected ? std::optional(certain(std::move(scan.due))) : std::nullopt);
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
