#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "queue_wire.h"

static void a_hello_comes_back(void **state)
{
  (void)state;
  static uint64_t const numbers[] = { 0, 1, 4194304, UINT32_MAX, UINT64_MAX };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    char hello[QUEUE_HELLO];
    uint64_t qp;
    queue_hello_pack(hello, numbers[i]);
    assert_true(queue_hello_unpack(&qp, hello));
    assert_true(qp == numbers[i]);
  }
}

static void the_bytes_of_a_hello_are_settled(void **state)
{
  (void)state;
  char hello[QUEUE_HELLO];
  queue_hello_pack(hello, 0x0102030405060708);
  assert_memory_equal(hello, "mtqueue\2\10\7\6\5\4\3\2\1", QUEUE_HELLO);
}

static void another_hello_is_refused(void **state)
{
  (void)state;
  for (int at = 0; at < 8; at++) {
    char hello[QUEUE_HELLO];
    uint64_t qp;
    queue_hello_pack(hello, 7);
    hello[at]++;
    assert_false(queue_hello_unpack(&qp, hello));
  }
}

static struct { uint32_t message_len, envelope_len; bool allowed; } const requests[] = {
  { 0, 0, true },
  { QUEUE_STREAM, QUEUE_STREAM, true },
  { UINT32_MAX, UINT32_MAX - 1, false },
  { UINT32_MAX, 1, false },
  { 1, UINT32_MAX, false },
  { QUEUE_REQUEST_MAX, 0, true },
  { QUEUE_REQUEST_MAX, 1, false },
  { QUEUE_REQUEST_MAX - 1, 1, true },
  { 0, QUEUE_REQUEST_MAX, true },
  { 0, QUEUE_REQUEST_MAX + 1, false },
  { 4096, 60, true }
};

static void a_request_has_a_bound(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
    char request[QUEUE_REQUEST];
    struct queue_request got;
    queue_request_pack(request, &(struct queue_request){ requests[i].message_len, requests[i].envelope_len });
    if (queue_request_unpack(&got, request) != requests[i].allowed) fail_msg("request %zu", i);
    assert_int_equal(got.message_len, requests[i].message_len);
    assert_int_equal(got.envelope_len, requests[i].envelope_len);
  }
}

static void another_request_is_refused(void **state)
{
  (void)state;
  for (int at = 0; at < 8; at++) {
    char request[QUEUE_REQUEST];
    struct queue_request got;
    queue_request_pack(request, &(struct queue_request){ 1, 1 });
    request[at]++;
    assert_false(queue_request_unpack(&got, request));
  }
}

static void the_bytes_of_a_request_are_settled(void **state)
{
  (void)state;
  char request[QUEUE_REQUEST];
  queue_request_pack(request, &(struct queue_request){ 0x01020304, 0x05060708 });
  assert_memory_equal(request, "mtqueue\2\4\3\2\1\10\7\6\5", QUEUE_REQUEST);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_hello_comes_back), cmocka_unit_test(the_bytes_of_a_hello_are_settled),
    cmocka_unit_test(another_hello_is_refused), cmocka_unit_test(a_request_has_a_bound),
    cmocka_unit_test(another_request_is_refused),
    cmocka_unit_test(the_bytes_of_a_request_are_settled)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
