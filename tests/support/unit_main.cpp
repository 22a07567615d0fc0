// The runner of every unit-test program. Standard headers first: the leak macros break them otherwise.
#include <CppUTest/CommandLineTestRunner.h>

int main(int argc, char** argv) { return CommandLineTestRunner::RunAllTests(argc, argv); }
