// The runner of every unit-test program. CppUTest's own leak check is off: it keeps its book by
// hooking operator new, which goes wrong under threads and optimisation (seen as crashes inside its
// table), and the asan build's LeakSanitizer finds the same leaks and more.
#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/MemoryLeakWarningPlugin.h>

int main(int argc, char** argv) {
  MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
  return CommandLineTestRunner::RunAllTests(argc, argv);
}
