#include <string.h>

#include <skalibs/uint32.h>
#include <skalibs/uint64.h>

#include "queue_wire.h"

static char const magic[8] = { 'm', 't', 'q', 'u', 'e', 'u', 'e', 2 };

void queue_hello_pack(char hello[QUEUE_HELLO], uint64_t qp)
{
  memcpy(hello, magic, sizeof magic);
  uint64_pack(hello + sizeof magic, qp);
}

bool queue_hello_unpack(uint64_t *qp, char const hello[QUEUE_HELLO])
{
  uint64_unpack(hello + sizeof magic, qp);
  return memcmp(hello, magic, sizeof magic) == 0;
}

void queue_request_pack(char request[QUEUE_REQUEST], struct queue_request const *lengths)
{
  memcpy(request, magic, sizeof magic);
  uint32_pack(request + sizeof magic, lengths->message_len);
  uint32_pack(request + sizeof magic + 4, lengths->envelope_len);
}

bool queue_request_is_stream(struct queue_request const *lengths)
{
  return lengths->message_len == QUEUE_STREAM && lengths->envelope_len == QUEUE_STREAM;
}

bool queue_request_unpack(struct queue_request *lengths, char const request[QUEUE_REQUEST])
{
  uint32_unpack(request + sizeof magic, &lengths->message_len);
  uint32_unpack(request + sizeof magic + 4, &lengths->envelope_len);
  return memcmp(request, magic, sizeof magic) == 0
      && (queue_request_is_stream(lengths) || (uint64_t)lengths->message_len + lengths->envelope_len <= QUEUE_REQUEST_MAX);
}
