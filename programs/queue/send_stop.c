#include "send.h"
#include "send_delivery.h"
#include "send_finish.h"
#include "send_log.h"
#include "send_stop.h"

enum { GRACE = 10 };        /* seconds for the spawners to end what runs: more than a spawner needs */

static uint64_t begun, told;            /* 0: not yet */

static uint64_t later(uint64_t moment, uint64_t seconds)
{
  uint64_t t;
  return __builtin_add_overflow(moment, seconds, &t) ? UINT64_MAX : t;
}

uint64_t stop_next(void)
{
  if (!stopping) return UINT64_MAX;
  if (!begun) return now;
  return told ? later(told, GRACE) : later(begun, settings.timeoutstop);
}

bool stop_run(void)
{
  unsigned running = deliveries_running();
  if (!begun && running) log_status();
  if (!begun) begun = now;
  if (!running && !bounces_running()) return true;
  if (now < stop_next()) return false;
  if (told && running) log_line("alert: %u deliveries do not end and are left to themselves", running);
  if (told) return true;
  told = now;
  if (running) log_line("warning: ending %u deliveries after %lu seconds", running, settings.timeoutstop);
  deliveries_end();
  return false;
}
