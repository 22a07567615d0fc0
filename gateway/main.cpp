#include "gateway/program.hpp"

int main(int argc, char** argv) {
  return tally::gateway::run_gateway(argc, argv, TALLY_VERSION);
}
