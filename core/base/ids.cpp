#include "core/base/ids.hpp"

namespace tally {

SaleId make_sale_id(TerminalId terminal, BootId boot, std::uint32_t counter) {
  SaleId sale;
  store_be(terminal.value, sale.bytes.data());
  store_be(boot.value, sale.bytes.data() + 4);
  store_be(counter, sale.bytes.data() + 12);
  return sale;
}

}  // namespace tally
