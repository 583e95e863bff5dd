/// All tests of the C++ API in one program.
#include "../check.hpp"

int main() { return check::run_all("binding"); }
