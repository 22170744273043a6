#include <skalibs/uint64.h>

#include "checksum.h"
#include "queue_plan.h"

enum { DUE_BITS = 34, HOURS_BITS = 13, AT_HOLD = DUE_BITS + HOURS_BITS, AT_CHECK = AT_HOLD + 1, CHECK_BITS = 14 };
#define ONES(bits) (((uint64_t)1 << (bits)) - 1)
#define DUE_NEVER ONES(DUE_BITS)
#define TAG ((uint64_t)1 << 62)

/* A checksum that is cut to its lower bits, like the whole, differs for any two numbers that differ in one bit. */
static uint64_t check(uint64_t number, uint32_t salt)
{
  char packed[8];
  uint64_pack(packed, number & ONES(AT_CHECK));
  return (uint64_t)checksum(salt, packed, sizeof packed) & ONES(CHECK_BITS);
}

uint64_t queue_plan_pack(struct queue_plan const *p, uint32_t salt)
{
  if (!p->due && !p->on_hold) return 0;
  uint64_t due = p->due == QUEUE_NEVER ? DUE_NEVER : p->due < QUEUE_DUE_MAX ? p->due : QUEUE_DUE_MAX;
  uint64_t hours = p->hours < QUEUE_HOURS_MAX ? p->hours : QUEUE_HOURS_MAX;
  uint64_t number = due | hours << DUE_BITS | (uint64_t)p->on_hold << AT_HOLD;
  return number | check(number, salt) << AT_CHECK | TAG;
}

enum queue_plan_kind queue_plan_unpack(struct queue_plan *p, uint64_t number, uint32_t salt)
{
  *p = (struct queue_plan){ .due = number, .hours = QUEUE_HOURS_MAX };
  if (number == QUEUE_NEVER || number <= ONES(DUE_BITS)) return QUEUE_PLAN_PLAIN;
  p->due = number & ONES(DUE_BITS);
  p->hours = number >> DUE_BITS & ONES(HOURS_BITS);
  p->on_hold = number >> AT_HOLD & 1;
  if (p->due == DUE_NEVER) p->due = QUEUE_NEVER;
  bool right = number >> AT_CHECK == (check(number, salt) | TAG >> AT_CHECK);
  return right ? QUEUE_PLAN_CHECKED : QUEUE_PLAN_DAMAGED;
}
