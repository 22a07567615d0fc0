#include "oa/program.hpp"

int main(int argc, char** argv) {
  return tally::oa::run_oa(argc, argv, TALLY_VERSION);
}
