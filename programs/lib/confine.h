/* confine: what a program that hears the network gives up, once it has all it needs.

     static struct confine_path const paths[] = {
       { "control", CONFINE_READ | CONFINE_LINKS },
       { "queue",   CONFINE_READ | CONFINE_WRITE | CONFINE_CHANGE },
       { 0 }
     };
     static struct confinement const confinement = { .paths = paths, .calls = CONFINE_NO_SOCKETS };

   landlock(7) takes the file system away, but for the paths; where the kernel's is of version 4, TCP but for the ports;
   of version 6, signals to and abstract sockets of all processes outside. seccomp(2) takes away the system calls that
   a mail program never makes. It holds for the process and all its children and is never taken back; a second
   confinement can only take more. It also ends the power of setuid bits (no_new_privs), so it is nothing for a program
   that runs qmail-queue or a program of the site. What may be done beneath "/" is not looked at any more: that is the cheapest. */

#ifndef MAILTREE_CONFINE_H
#define MAILTREE_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

enum {
  CONFINE_READ = 1,           /* the file, or all files and directories beneath */
  CONFINE_WRITE = 2,          /* the same, to be opened for writing */
  CONFINE_CHANGE = 4,         /* names of files beneath: made, removed, moved */
  CONFINE_FIFO = 16,          /* FIFOs beneath: made, and what has their names removed */
  CONFINE_RUN = 32,           /* the file, or all beneath, may be executed, where calls leave that */
  CONFINE_BESIDE = 64,        /* not the file alone, but all in the directory where it really is: it may be replaced while we run */
  CONFINE_LINKS = 8           /* the directories to which symbolic links in this one lead may be read as well */
};

struct confine_path {
  char const *path;           /* what does not exist now is skipped; null ends the table */
  unsigned allowed;
};

/* Any of these also means: no execution of a program, no new name space, no look into another process, nothing of
   mount, key rings, bpf, performance events, userfaultfd, io_uring, kexec and kernel modules. */
enum {
  CONFINE_CALLS = 1,
  CONFINE_NO_PROCESSES = 2,   /* nor a child */
  CONFINE_NO_SOCKETS = 4,     /* nor a socket, beyond those that are open */
  CONFINE_INTERNET = 8,       /* new sockets are for IP, or ask the kernel about its addresses, */
  CONFINE_HERE = 16,          /* or are for other programs of this machine: with the one above or without */
  CONFINE_PROGRAMS = 32       /* a program may be executed after all: which, the paths say. With the loader's, if it has one */
};

/* By which the kernel starts a program with shared libraries, and which it must be allowed to execute with it. */
#if defined __x86_64__
#define CONFINE_LOADER "/lib64/ld-linux-x86-64.so.2"
#elif defined __aarch64__
#define CONFINE_LOADER "/lib/ld-linux-aarch64.so.1"
#elif defined __riscv
#define CONFINE_LOADER "/lib/ld-linux-riscv64-lp64d.so.1"
#else
#define CONFINE_LOADER "/lib/ld-linux.so.2"
#endif

extern uint16_t const CONFINE_NO_PORTS[];

struct confinement {
  struct confine_path const *paths;     /* null: as before */
  uint16_t const *ports;                /* TCP ports that may be connected to, up to a 0; null: as before */
  bool sources;                         /* and from an address of choice, at whatever port the kernel gives */
  unsigned calls;                       /* 0: as before */
};

/* For a process of one thread. Null when all of it is in force; else the name of what this kernel does not do, with
   errno, and the rest is in force all the same. */
char const *confine(struct confinement const *c);

/* The same; what this kernel does not do is told once on fd 2, for a program that stays. */
void confine_or_warn(struct confinement const *c);

#endif
