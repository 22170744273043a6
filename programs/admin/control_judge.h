/* control_judge: what is wrong with one line of a control file. Each judge sees the line without its end and
   without trailing blanks, and returns what is wrong in words, or null. */

#ifndef MAILTREE_CONTROL_JUDGE_H
#define MAILTREE_CONTROL_JUDGE_H

#include <stddef.h>

typedef char const *judge(char const *line, size_t len);

judge judge_full_name;    /* mail.example.org */
judge judge_helo;         /* a full host name, or [address] */
judge judge_host;         /* a host name, also a short one, or [address] */
judge judge_domain;       /* a whole domain, or [address] */
judge judge_pattern;      /* a domain, or .suffix for all below it */
judge judge_unwanted;     /* user@host, @host, .host, a pattern, or ! in front of one */
judge judge_unwanted_host;      /* the same of names of hosts */
judge judge_dns_list;     /* zone:codes:action, zone:codes:action:text */
judge judge_moved;        /* user@host:newuser@newhost */
judge judge_generic;      /* user:address, user@host:address, @host:@otherhost */
judge judge_filter;       /* a command, whose program has to be there if it is a path */
judge judge_sender;       /* user@host or @host */
judge judge_recipient;    /* user@host or @host */
judge judge_local_part;   /* left of an @ */
judge judge_mailbox;      /* the same, or empty for nobody */
judge judge_breaks;       /* signs between a user and an extension, or empty for none */
judge judge_patrn;        /* mode bits, an octal number */
judge judge_virtual;      /* domain:prefix, user@domain:prefix, .suffix:prefix, :prefix */
judge judge_route;        /* domain:relay, domain:relay:port, domain: */
judge judge_primary;      /* the same, with a domain and without :tls */
judge judge_tls;          /* domain:word, .suffix:word, :word, and behind verify names */
judge judge_backend;      /* a store, domain:store */
judge judge_login;        /* relay:user:password:text, relay:user:token:/file */
judge judge_count;        /* domain:number, .suffix:number, :number, 1 to 100 */
judge judge_sources;      /* one address of this machine, or one of each kind */
judge judge_sender_sources;     /* domain:addresses, .suffix:addresses, <>:addresses, :addresses */
judge judge_sender_helo;        /* the same with a full host name */
judge judge_copies;       /* recipient, from:whom:recipient, to:whom:recipient */
judge judge_connections;  /* domain:number, .suffix:number, :number */
judge judge_rate;         /* the same, also number/seconds */
judge judge_schedule;     /* the same with lifetime:first:longest */
judge judge_eight_bit;    /* convert, return or send */
judge judge_long_lines;   /* fold, return or send */
judge judge_address;      /* an IP address */
judge judge_limit;        /* who, what, number/period: see limit_line.h */
judge judge_atrn;         /* login:domain domain:host ... */
judge judge_network;      /* an IP address, or one with /BITS */
judge judge_delivery;     /* a line of .qmail */

#endif
