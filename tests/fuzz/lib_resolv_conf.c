/* /etc/resolv.conf: whatever stands in it, what is found are addresses that can be asked, one a line at most. */

#include "fuzz.h"

#include "resolv_conf.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  ip46 servers[NAME_SERVERS_MAX];
  struct part all = whole(data, size);
  size_t found = resolv_servers(servers, all.s, all.len), lines = 0;
  assert(found <= NAME_SERVERS_MAX);
  while (all.len) {
    ip46 server;
    struct part line = part_before(&all, '\n');
    lines += resolv_line(&server, line.s, line.len) == NAME_SERVER;
  }
  assert(found == (lines < NAME_SERVERS_MAX ? lines : NAME_SERVERS_MAX));
  for (size_t i = 0; i < found; i++) assert(!servers[i].is6 || (servers[i].ip[0] & 0xff) != 0xfe || (servers[i].ip[1] & 0xc0) != 0x80);
  return 0;
}
