#include "firmware/program.hpp"

int main(int argc, char** argv) {
  return tally::firmware::run_terminal(argc, argv, TALLY_VERSION);
}
