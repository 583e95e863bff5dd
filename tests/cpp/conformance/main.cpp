/// Runs all cases of all files it is given: conformance FILE…
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>

#include "steps.hpp"

namespace {

using conformance::json;

/// What is wrong, or nothing.
std::string fault(const json &test_case) {
    std::size_t number = 0;
    try {
        for (const auto &[field, value] : test_case.items()) {
            if (field != "name" && field != "steps") {
                return "unknown field " + field;
            }
        }
        conformance::running_case running;
        for (const json &step : test_case.at("steps")) {
            ++number;
            running.run(step);
        }
        return number > 0 ? "" : "a case without steps";
    } catch (const std::exception &exception) {
        return "step " + std::to_string(number) + ": " + exception.what();
    }
}

} // namespace

int main(int argc, char **argv) {
    std::size_t passed = 0, failed = 0;
    for (int i = 1; i < argc; ++i) {
        std::ifstream file(argv[i]);
        const json content = json::parse(file);
        for (const json &test_case : content.at("cases")) {
            const std::string wrong = fault(test_case);
            ++(wrong.empty() ? passed : failed);
            if (!wrong.empty()) {
                std::cout << "FAILED  " << test_case.value("name", "without a name") << ": " << wrong << std::endl;
            }
        }
    }
    std::cout << "conformance: " << passed << " passed, " << failed << " failed" << std::endl;
    return passed > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
