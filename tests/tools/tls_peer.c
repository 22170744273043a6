/* tls_peer: the other end of mail in TLS, for the bench. Postfix's smtp-source and smtp-sink speak none.

     tls_peer source PORT kept|fresh|resumed SESSIONS MESSAGES SENDER RECIPIENT [LOGIN PASSWORD]
         sends messages of 4 KiB by so many clients at once, each on one connection, or each on a connection of its own, the later ones
         with the ticket of the one before, should the server take it; behind STARTTLS, and AUTH PLAIN where there is a login
     tls_peer idle PORT COUNT      opens connections in TLS, says "ready", and holds them until its input ends
     tls_peer sink PORT CHAIN KEY  takes all mail, and says as smtp-sink -c does how much

   A client that hears anything but success ends all with 1. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

enum { SIZE = 4096, LINE = 2048, WAITING = 1024 };

struct end {
  int fd;
  SSL *ssl;
  char input[16384];
  size_t at, len;
};

static _Noreturn void fail(char const *what, char const *said)
{
  fprintf(stderr, "tls_peer: %s: %s\n", what, said);
  exit(1);
}

/* ---- bytes and lines ---- */

static bool send_all(struct end *e, char const *s, size_t len)
{
  while (len) {
    ssize_t n = e->ssl ? SSL_write(e->ssl, s, (int)len) : send(e->fd, s, len, MSG_NOSIGNAL);
    if (n <= 0) return false;
    s += n;
    len -= (size_t)n;
  }
  return true;
}

static bool fill(struct end *e)
{
  ssize_t n = e->ssl ? SSL_read(e->ssl, e->input, sizeof e->input) : recv(e->fd, e->input, sizeof e->input, 0);
  e->at = 0;
  e->len = n > 0 ? (size_t)n : 0;
  return n > 0;
}

/* Without its end. */
static bool read_line(struct end *e, char line[LINE])
{
  size_t n = 0;
  for (;;) {
    if (e->at == e->len && !fill(e)) return false;
    char c = e->input[e->at++];
    if (c == '\n') break;
    if (c != '\r' && n < LINE - 1) line[n++] = c;
  }
  line[n] = 0;
  return true;
}

static void close_end(struct end *e)
{
  if (e->ssl) {
    SSL_shutdown(e->ssl);       /* else the library takes the ticket for a bad one */
    SSL_free(e->ssl);
  }
  e->ssl = 0;
  close(e->fd);
}

/* ---- a client ---- */

static SSL_CTX *context;
static SSL_SESSION *ticket;
static bool resumes;

static int keep_ticket(SSL *ssl, SSL_SESSION *session)
{
  (void)ssl;
  if (ticket) SSL_SESSION_free(ticket);
  ticket = session;
  return 1;
}

static void client_begin(bool with_tickets)
{
  context = SSL_CTX_new(TLS_client_method());
  resumes = with_tickets;
  if (!with_tickets) return;
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_ticket);
}

static void hear(struct end *e, char const *what)
{
  char line[LINE];
  do if (!read_line(e, line)) fail(what, "no answer"); while (line[0] && line[3] == '-');
  if (line[0] != '2' && line[0] != '3') fail(what, line);
}

static void ask(struct end *e, char const *before, char const *word, char const *after)
{
  char line[LINE];
  int n = snprintf(line, sizeof line, "%s%s%s\r\n", before, word, after);
  if (n < 0 || n >= LINE || !send_all(e, line, (size_t)n)) fail(before, "unable to send");
  hear(e, before);
}

static void call(struct end *e, int port)
{
  struct sockaddr_in const to = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
  };
  int const on = 1;
  *e = (struct end){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
  if (connect(e->fd, (struct sockaddr const *)&to, sizeof to) == -1) fail("connect", "refused");
  setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  hear(e, "greeting");
}

static void shake_hands(struct end *e)
{
  ask(e, "EHLO client.example.net", "", "");
  ask(e, "STARTTLS", "", "");
  e->ssl = SSL_new(context);
  SSL_set_fd(e->ssl, e->fd);
  SSL_set_tlsext_host_name(e->ssl, "mail.example.org");
  if (resumes && ticket) SSL_set_session(e->ssl, ticket);
  if (SSL_connect(e->ssl) != 1) fail("STARTTLS", "no handshake");
  ask(e, "EHLO client.example.net", "", "");
}

static void log_in(struct end *e, char const *login, char const *password)
{
  char plain[256], coded[400];
  int n = snprintf(plain, sizeof plain, "%c%s%c%s", 0, login, 0, password);
  EVP_EncodeBlock((unsigned char *)coded, (unsigned char const *)plain, n);
  ask(e, "AUTH PLAIN ", coded, "");
}

static void send_message(struct end *e, char const *sender, char const *recipient)
{
  static char text[SIZE + 8];
  if (!text[0]) {
    strcpy(text, "Subject: x\r\n\r\n");
    for (size_t n = strlen(text); n < SIZE; n++) text[n] = n % 80 == 78 ? '\r' : n % 80 == 79 ? '\n' : 'x';
    strcpy(text + SIZE - 2, "\r\n.\r\n");
  }
  ask(e, "MAIL FROM:<", sender, ">");
  ask(e, "RCPT TO:<", recipient, ">");
  ask(e, "DATA", "", "");
  if (!send_all(e, text, strlen(text))) fail("message", "unable to send");
  hear(e, "message");
}

struct task { int port, messages; bool kept; char const *sender, *recipient, *login, *password; };

static _Noreturn void be_source(struct task const *t)
{
  struct end e;
  unsigned resumed = 0;
  for (int i = 0; i < t->messages; i++) {
    if (!i || !t->kept) {
      call(&e, t->port);
      shake_hands(&e);
      if (t->login) log_in(&e, t->login, t->password);
      if (resumes && i > 1) resumed += (unsigned)SSL_session_reused(e.ssl);
    }
    send_message(&e, t->sender, t->recipient);
    if (i + 1 < t->messages && t->kept) continue;
    ask(&e, "QUIT", "", "");
    close_end(&e);
  }
  if (resumes && !resumed) fputs("tls_peer: this server resumes nothing\n", stderr);
  exit(0);
}

static int source(char **a, int count)
{
  int const sessions = count > 6 ? atoi(a[2]) : 0;
  int wstat, failed = 0;
  if (sessions < 1) fail("source", "PORT kept|fresh|resumed SESSIONS MESSAGES SENDER RECIPIENT [LOGIN PASSWORD]");
  struct task t = {
    .port = atoi(a[0]), .kept = !strcmp(a[1], "kept"), .messages = atoi(a[3]) / sessions, .sender = a[4], .recipient = a[5],
    .login = count > 8 ? a[6] : 0, .password = count > 8 ? a[7] : 0
  };
  client_begin(!strcmp(a[1], "resumed"));
  for (int i = 0; i < sessions; i++)
    if (fork() == 0) be_source(&t);
  while (wait(&wstat) > 0) failed |= wstat;
  return failed != 0;
}

static int idle(char **a, int count)
{
  int const wanted = count > 2 ? atoi(a[1]) : 0;
  struct rlimit const descriptors = { (rlim_t)wanted + 50, (rlim_t)wanted + 50 };
  setrlimit(RLIMIT_NOFILE, &descriptors);
  client_begin(false);
  for (int i = 0; i < wanted; i++) {
    struct end *e = malloc(sizeof *e);
    if (!e) fail("idle", "no memory");
    call(e, atoi(a[0]));
    shake_hands(e);
  }
  puts("ready");
  fflush(stdout);
  while (getchar() != EOF) ;
  return 0;
}

/* ---- a server ---- */

static _Atomic unsigned long sessions, quits, messages;

static bool reply(struct end *e, char const *text)
{
  return send_all(e, text, strlen(text));
}

static bool take_message(struct end *e)
{
  char line[LINE];
  if (!reply(e, "354 go ahead\r\n")) return false;
  do if (!read_line(e, line)) return false; while (strcmp(line, ".") != 0);
  messages++;
  return reply(e, "250 2.0.0 ok\r\n");
}

static bool begin_tls(struct end *e)
{
  if (!reply(e, "220 go ahead\r\n")) return false;
  e->at = e->len = 0;
  e->ssl = SSL_new(context);
  SSL_set_fd(e->ssl, e->fd);
  return SSL_accept(e->ssl) == 1;
}

static bool obey(struct end *e, char const *line)
{
  if (!strncasecmp(line, "EHLO", 4))
    return reply(e, e->ssl ? "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n" : "250-sink\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n");
  if (!strncasecmp(line, "STARTTLS", 8)) return begin_tls(e);
  if (!strncasecmp(line, "DATA", 4)) return take_message(e);
  return reply(e, "250 2.0.0 ok\r\n");
}

static void *serve(void *client)
{
  struct end *e = client;
  char line[LINE] = "";
  sessions++;
  bool more = reply(e, "220 sink ESMTP\r\n");
  while (more && read_line(e, line)) {
    more = strncasecmp(line, "QUIT", 4) != 0 && obey(e, line);
  }
  if (!strncasecmp(line, "QUIT", 4)) {
    quits++;
    reply(e, "221 bye\r\n");
  }
  close_end(e);
  free(e);
  return 0;
}

static void *tell(void *nothing)
{
  for (;;) {
    printf("sess=%lu quit=%lu mesg=%lu\r", sessions, quits, messages);
    fflush(stdout);
    usleep(10000);
  }
  return nothing;
}

static int sink(char **a, int count)
{
  int const on = 1;
  pthread_t thread;
  if (count < 4) fail("sink", "PORT CHAIN KEY");
  struct sockaddr_in const here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(a[0])) };
  context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, a[1]) != 1 || SSL_CTX_use_PrivateKey_file(context, a[2], SSL_FILETYPE_PEM) != 1)
    fail("sink", "no certificate");
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  /* Of all that come: answers to a pipeline do not wait for its sender's acknowledgement. */
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(listener, (struct sockaddr const *)&here, sizeof here) == -1 || listen(listener, WAITING) == -1) fail("sink", "unable to listen");
  pthread_create(&thread, 0, tell, 0);
  for (;;) {
    struct end *e = calloc(1, sizeof *e);
    if (!e || (e->fd = accept4(listener, 0, 0, SOCK_CLOEXEC)) == -1) fail("sink", "unable to accept");
    if (pthread_create(&thread, 0, serve, e) == 0) pthread_detach(thread);
  }
}

int main(int argc, char **argv)
{
  static struct { char const *name; int (*run)(char **, int); } const sides[] = { { "source", source }, { "idle", idle }, { "sink", sink } };
  signal(SIGPIPE, SIG_IGN);
  for (size_t i = 0; argc > 1 && i < sizeof sides / sizeof *sides; i++)
    if (!strcmp(argv[1], sides[i].name)) return sides[i].run(argv + 2, argc - 1);
  fail("tls_peer", "source, idle or sink");
}
