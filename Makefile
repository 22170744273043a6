# mailtree: the one entry.
#
#   make               build everything into build/
#   make run           as root: a working mail system on this host, a message sent through it and shown
#                      HOST=mail.example.org: its name     WITHOUT=qmail-pop3d: that service is not wanted
#   make test          install what tests need, run every test        SANITIZE=1: under ASan and UBSan
#   make install       build and install below PREFIX, nothing else     make check: what is wrong with what is installed
#   make uninstall     remove it; control files, mail, queue and users stay
#   make check-one T=tests/smtp    only the tests there
#   make lint          compiler warnings, cppcheck, clang-tidy, mandoc
#   make test-crash    1000 power cuts of each kind                    make clean, make help
#   make test-faults   every system call fails, in every way
#   make test-tls      testssl.sh looks at what we speak
#   make test-browser  a browser looks at the pages we make
#   make bench         beside Postfix, into tests/bench/RESULTS.md     LOADS=kept10,outward BENCH_ROUNDS=3: a part of it
#                      BENCH_FS=xfs: not on ext4; BENCH_FLUSH_US=1000: on a disk whose flushes take that much longer
#   make fuzz          every parser under libFuzzer, FUZZ_SECONDS=60 each   FUZZ='smtp_bdat mail_xtext': these only

PREFIX = /var/qmail
DESTDIR =
HOST =
WITHOUT =
SANITIZE =

# Names that every release has; what a release names by its version is asked of apt.
BUILD_PACKAGES = build-essential skalibs-dev libcdb-dev libc-ares-dev libcrypt-dev libidn2-dev libunistring-dev libjansson-dev zlib1g-dev libssl-dev libcurl4-openssl-dev
RUN_PACKAGES = openssl daemontools ucspi-tcp-ipv6 man-db iproute2 netbase
LINT_PACKAGES = clang clang-tidy cppcheck mandoc libcmocka-dev libfuse3-dev
TEST_PACKAGES = $(RUN_PACKAGES) s6 libcmocka-dev python3 python3-pytest python3-pytest-xdist util-linux bsdutils procps netbase \
  e2fsprogs xfsprogs btrfs-progs fuse3 libfuse3-dev mmdebstrap strace tinycdb mandoc swaks curl mutt s-nail msmtp fetchmail mpop \
  fail2ban logrotate libnet-ssleay-perl ldnsutils libsasl2-modules dovecot-imapd dovecot-auth-lua \
  lua-socket procmail maildrop busybox time
FUZZ_PACKAGES = clang libclang-rt-dev llvm python3

B = build$(if $(SANITIZE),-sanitize)
CC = cc
CFLAGS = -O2 -g
HARDENING = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
SANITIZER = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ifneq ($(SANITIZE),)
HARDENING = -fPIE $(SANITIZER) -static-libasan -static-libubsan
CFLAGS = -O1 -g
SANITIZER_OPTIONS = $(B)/sanitizer_options.o
endif
WARNINGS = -Wall -Wextra -Wformat=2
COMPILE = $(CC) -std=c11 -D_GNU_SOURCE -DHOME='"$(PREFIX)"' $(FLOORS:%=-iquote programs/%) $(CFLAGS) $(HARDENING) \
  $(WARNINGS) -Werror=format-security -Werror=implicit -MMD -MP
LINK = $(CC) $(CFLAGS) $(HARDENING) -pie -Wl,-z,relro,-z,now,--as-needed
LIBS = -l:libskarnet.a -l:libz.a -l:libidn2.a -l:libunistring.a

# What all roles stand on; each floor sees those after it: what spawns, what knows mail, what knows no mail.
FLOORS = spawn mail lib
ROLES = queue local remote smtp pop3 tls sts primary limits inject users admin vdomains sqlstore auth analog dotqmail forward lists serial import
PROGRAMS =
SCRIPTS =
# NAME:PAGE: another name of a program, whose page it is; what a site has put there itself stays.
LINKS =
include $(patsubst %,programs/%/role.mk,$(ROLES))

BELOW = $(FLOORS:%=$(B)/%/parts.a)
BINARIES = $(PROGRAMS:%=$(B)/%)
UNIT_TESTS = $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/*/*_test.c))
FUZZ_TARGETS = $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/fuzz/*.c))
TEST_TOOLS = $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/tools/*.c))
MANUALS = $(wildcard programs/*/*.[1578])

all: $(BINARIES)

# Objects of a folder that are not the main file of a program make its archive.
mains = $(filter programs/$(1)/%,$(PROGRAMS:%=programs/%.c))
parts = $(filter-out $(call mains,$(1)),$(wildcard programs/$(1)/*.c))
object = $(patsubst programs/%.c,$(B)/%.o,$(1))

# The folder itself: when a part has left it, its archive must not keep that.
define archive_rule
$(B)/$(1)/parts.a: $(call object,$(call parts,$(1))) programs/$(1)
endef
$(foreach folder,$(FLOORS) $(ROLES),$(eval $(call archive_rule,$(folder))))

%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $(filter %.o,$^)

$(B)/%.o: programs/%.c
	@mkdir -p $(@D)
	@echo cc $<
	@$(COMPILE) -c -o $@ $<

# The table of control files and variables, as text and in C.
$(B)/admin/settings.c: programs/admin/settings programs/admin/settings.awk
	@mkdir -p $(@D)
	@awk -f programs/admin/settings.awk $< > $@.tmp && mv $@.tmp $@

$(B)/admin/settings.o: $(B)/admin/settings.c
	@echo cc $<
	@$(COMPILE) -Iprograms/admin -c -o $@ $<

$(B)/admin/parts.a: $(B)/admin/settings.o

.SECONDEXPANSION:
$(BINARIES): $(B)/%: $(B)/%.o $(SANITIZER_OPTIONS) $$(@D)/parts.a $(BELOW)
	@echo link $*
	@$(LINK) -o $@ $^ $(LIBS_$*) $(LIBS)

# A unit test sees its folder's parts, programs/FOLDER/*.h and the floors.
$(UNIT_TESTS): $(B)/tests/%: tests/%.c $$(filter-out $(BELOW),$(B)/$$(notdir $$(@D))/parts.a) $(BELOW) \
  $(SANITIZER_OPTIONS)
	@mkdir -p $(@D)
	@echo link $*
	@$(COMPILE) -Iprograms/$(notdir $(@D)) -o $@ $(filter %.c %.a %.o,$^) -pie -lcmocka -lcares -lcrypt -l:libcdb.a -l:libjansson.a \
	  $(LIBS_tests/$*) $(LIBS)

# A fuzz target, FOLDER_PARSER, replays inputs; make fuzz links the fuzzer in place of FUZZ_MAIN.
FUZZ_MAIN = tests/fuzz/replay/main.c
fuzz_role = $(firstword $(subst _, ,$(notdir $(1))))
fuzz_parts = $(patsubst %,$(B)/%/parts.a,$(filter-out $(FLOORS),$(fuzz_role)))
$(FUZZ_TARGETS): $(B)/tests/%: tests/%.c $(FUZZ_MAIN) $$(call fuzz_parts,$$@) $(BELOW)
	@mkdir -p $(@D)
	@echo link $*
	@$(COMPILE) -Iprograms/$(call fuzz_role,$@) -o $@ $< $(FUZZ_MAIN) $(filter %.a,$^) $(FUZZER) \
	  -pie -lcares -lcrypt -l:libcdb.a -l:libjansson.a $(LIBS)

$(TEST_TOOLS): $(B)/tests/%: tests/%.c
	@mkdir -p $(@D)
	@echo link $*
	@$(COMPILE) -D_FILE_OFFSET_BITS=64 -o $@ $< $(LIBS_tests/$*)
LIBS_tests/tools/odd_disk = -lfuse3
LIBS_tests/tools/tls_peer = -lssl -lcrypto -lpthread
$(B)/tests/tools/store_edit: $(BELOW)
LIBS_tests/tools/store_edit = $(BELOW) -l:libcdb.a $(LIBS)

$(B)/sanitizer_options.o: tests/sanitizer/options.c
	@mkdir -p $(@D)
	@echo cc $<
	@$(COMPILE) -c -o $@ $<

-include $(shell find $(B) -name '*.d' -type f 2>/dev/null)

# ---- installing ----

# What is not compiled names PREFIX in its text.
PLAIN = $(B)/plain
plain:
	rm -rf $(PLAIN)
	install -d $(PLAIN)/bin $(addprefix $(PLAIN)/man/man,1 5 7 8)
	install -m 755 $(SCRIPTS:%=programs/%) qmailctl $(PLAIN)/bin
	for page in $(MANUALS); do install -m 644 $$page $(PLAIN)/man/man$${page##*.} || exit 1; done
	cp -R programs/admin/boot programs/man/doc programs/admin/layout programs/admin/settings service rules $(PLAIN)
	cp -R control-templates $(PLAIN)/templates
	mkdir $(PLAIN)/ezmlm
	cp -R $(wildcard programs/lists/lang/*/) $(PLAIN)/ezmlm
	for language in $(PLAIN)/ezmlm/*/; do cp programs/lists/lang/ezmlmrc $$language || exit 1; done
	find $(PLAIN) -type f -exec sed -i 's|/var/qmail|$(PREFIX)|g' {} +

# Owners and modes are in programs/admin/layout.
install: all plain
	sh $(PLAIN)/bin/qmail-setup programs $(DESTDIR)$(PREFIX)/bin $(BINARIES) $(PLAIN)/bin/*
	sh programs/admin/qmail-setup links $(DESTDIR)$(PREFIX)/bin $(LINKS)
	sh $(PLAIN)/bin/qmail-setup files $(PLAIN) $(DESTDIR)$(PREFIX)
	for link in $(LINKS); do \
	  ln -sf ../man$${link##*.}/$${link#*:} $(DESTDIR)$(PREFIX)/man/man1/$${link%%:*}.1 || exit 1; done
	sh programs/admin/qmail-setup place $(PLAIN)/service $(DESTDIR)$(PREFIX)/supervise
	sh programs/admin/qmail-setup words $(PLAIN)/ezmlm $(DESTDIR)/etc/ezmlm
	$(if $(SANITIZE),rm -f $(DESTDIR)$(PREFIX)/supervise/*/env/MEMORY)
	[ -n "$(DESTDIR)" ] || $(PREFIX)/bin/qmail-setup accounts

# What matters is shown; all of it is in RUN_LOG.
RUN_LOG = /var/log/mailtree-setup.log
QUIETLY = sh programs/admin/qmail-setup quietly $(RUN_LOG)

run:
	@sh programs/admin/qmail-setup check-name '$(HOST)'
	@sh programs/admin/qmail-setup check-port $(WITHOUT)
	@rm -f $(RUN_LOG)
	@echo "make run: packages, then the build; all that is said goes to $(RUN_LOG)"
	@$(QUIETLY) $(MAKE) --no-print-directory run-packages
	@$(QUIETLY) $(MAKE) --no-print-directory -j"$$(nproc)" all
	@$(QUIETLY) $(MAKE) --no-print-directory install
	@$(QUIETLY) $(PREFIX)/bin/qmail-setup host '$(HOST)'
	@$(QUIETLY) $(PREFIX)/bin/qmail-setup without $(WITHOUT)
	@$(QUIETLY) $(PREFIX)/bin/qmail-setup start
	@$(PREFIX)/bin/qmail-setup show

uninstall:
	$(PREFIX)/bin/qmail-setup uninstall

help:
	@sed -n '3,/^$$/s/^# \{0,1\}//p' Makefile

check:
	$(PREFIX)/bin/qmailctl check

run-packages:
	sh programs/admin/qmail-setup packages $(BUILD_PACKAGES) $(RUN_PACKAGES)

# ---- testing ----

# A sanitized program takes several times as long to start: fewer messages where many are sent.
PYTEST = $(if $(SANITIZE),SANITIZE=1 VOLUME=$${VOLUME:-1000}) /usr/bin/python3 -m pytest -c tests/pytest.ini --rootdir=. -p no:cacheprovider -q -ra
T = tests

test-packages:
	@sh tests/host/possible
	sh programs/admin/qmail-setup packages $(BUILD_PACKAGES) $(TEST_PACKAGES)

# Postfix is unpacked for its smtp-source and smtp-sink, never installed; its libraries are.
POSTFIX = build/tools/libraries-of-two
POSTFIX_PACKAGES = postfix postfix-mysql
$(POSTFIX): | test-packages
	@mkdir -p $(@D)
	cd $(@D) && { apt-get -q download $(POSTFIX_PACKAGES) || { apt-get -qq update && apt-get -q download $(POSTFIX_PACKAGES); }; } && \
	  for package in postfix*.deb; do dpkg -x $$package . && dpkg-deb -f $$package Depends || exit 1; done | \
	  tr , '\n' | sed -n 's/^ *\(lib[^ ]*\).*/\1/p' | sort -u > $(@F) && rm postfix*.deb

# So is unbound, for a name server that validates.
UNBOUND = build/tools/unbound-libraries
$(UNBOUND): | test-packages
	@mkdir -p $(@D)
	cd $(@D) && { apt-get -q download unbound || { apt-get -qq update && apt-get -q download unbound; }; } && \
	  dpkg -x unbound_*.deb . && dpkg-deb -f unbound_*.deb Depends | tr , '\n' | sed -n 's/^ *\(lib[^ ]*\).*/\1/p' > $(@F) && \
	  rm unbound_*.deb

# So is Exim, its one program, to write to.
EXIM = build/tools/exim-libraries
$(EXIM): | test-packages
	@mkdir -p $(@D)
	cd $(@D) && { apt-get -q download exim4-daemon-light || { apt-get -qq update && apt-get -q download exim4-daemon-light; }; } && \
	  dpkg --fsys-tarfile exim4-daemon-light_*.deb | tar -x --no-same-permissions ./usr/sbin/exim4 && \
	  dpkg-deb -f exim4-daemon-light_*.deb Depends | tr , '\n' | sed -n 's/^ *\(lib[^ ]*\).*/\1/p' > $(@F) && rm exim4-daemon-light_*.deb

# So is uux, whose package wants a mail system.
UUCP = build/tools/uucp-libraries
$(UUCP): | test-packages
	@mkdir -p $(@D)
	cd $(@D) && { apt-get -q download uucp || { apt-get -qq update && apt-get -q download uucp; }; } && \
	  dpkg --fsys-tarfile uucp_*.deb | tar -x --no-same-permissions ./usr/bin/uux && \
	  dpkg-deb -f uucp_*.deb Depends | tr , '\n' | sed -n 's/^ *\(lib[^ ]*\).*/\1/p' > $(@F) && rm uucp_*.deb

# So is Roundcube's driver for vpopmaild with what it needs of PEAR, whose packages want a web server.
ROUNDCUBE = build/tools/roundcube-libraries
ROUNDCUBE_PACKAGES = roundcube-plugins php-net-socket php-pear
ROUNDCUBE_FILES = ./usr/share/roundcube/plugins/password/drivers/vpopmaild.php ./usr/share/php/Net/Socket.php ./usr/share/php/PEAR.php
$(ROUNDCUBE): | test-packages
	@mkdir -p $(@D)
	cd $(@D) && { apt-get -q download $(ROUNDCUBE_PACKAGES) || { apt-get -qq update && apt-get -q download $(ROUNDCUBE_PACKAGES); }; } && \
	  for package in roundcube-plugins_*.deb php-*.deb; do dpkg --fsys-tarfile $$package | \
	  tar -x --no-same-permissions $(ROUNDCUBE_FILES) 2>/dev/null; done; \
	  rm roundcube-plugins_*.deb php-*.deb && for file in $(ROUNDCUBE_FILES); do test -s $$file || exit 1; done && echo php-cli > $(@F)

unpacked: $(POSTFIX) $(UNBOUND) $(EXIM) $(UUCP) $(ROUNDCUBE)
	sh programs/admin/qmail-setup packages $$(cat $^)

test: test-packages unpacked
	$(MAKE) --no-print-directory -j"$$(nproc)" test-build
	$(PYTEST) -n 4 --dist loadgroup --junit-xml=$(B)/tests.xml tests

check-one: test-packages unpacked
	$(MAKE) --no-print-directory -j"$$(nproc)" test-build
	$(PYTEST) $(T)

test-build: all $(UNIT_TESTS) $(FUZZ_TARGETS) $(TEST_TOOLS)
	rm -rf $(B)/stage
	$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/$(B)/stage >/dev/null

test-crash: test-build
	CRASH_ROUNDS=1000 $(PYTEST) tests/crash

test-faults: test-build
	FAULTS=full $(PYTEST) tests/faults

test-tls: test-packages
	sh programs/admin/qmail-setup packages testssl.sh
	$(MAKE) --no-print-directory -j"$$(nproc)" test-build
	TESTSSL=1 $(PYTEST) tests/tls/test_testssl.py

test-browser: test-packages
	sh programs/admin/qmail-setup packages chromium-headless-shell
	$(MAKE) --no-print-directory -j"$$(nproc)" test-build
	BROWSER=1 $(PYTEST) tests/analog/test_browser.py tests/lists/test_browser.py

bench: test-packages unpacked
	$(MAKE) --no-print-directory -j"$$(nproc)" test-build
	/usr/bin/python3 -m tests.bench

FUZZ_SECONDS = 60
fuzz:
	sh programs/admin/qmail-setup packages $(BUILD_PACKAGES) $(FUZZ_PACKAGES)
	$(MAKE) --no-print-directory -j"$$(nproc)" B=build-fuzz CC=clang CFLAGS='-O1 -g' FUZZ_MAIN= FUZZER=-fsanitize=fuzzer \
	  HARDENING='-fPIE -fsanitize=fuzzer-no-link $(SANITIZER)' fuzz-build
	/usr/bin/python3 -m tests.fuzz $(FUZZ_SECONDS) $(FUZZ)

fuzz-build: $(FUZZ_TARGETS)

# ---- reading the source ----

SOURCES = $(wildcard programs/*/*.c tests/*/*.c)
DIALECT = -std=c11 -D_GNU_SOURCE $(FLOORS:%=-iquote programs/%)

# cppcheck knows no __has_include, and takes f(s, fmt(s, n)) for a use of s before fmt fills it (2.17).
CPPCHECK = cppcheck --quiet --enable=warning,portability,performance --inline-suppr --error-exitcode=1 \
  '-D__has_include(x)=0' --suppress=uninitvar --suppress=normalCheckLevelMaxBranches

# A line for each finding; any is a failure. clang-tidy gets one file at a time: with several its analyzer carries state over.
lint:
	sh programs/admin/qmail-setup packages $(BUILD_PACKAGES) $(LINT_PACKAGES)
	@echo lint: manual pages
	@mandoc -Tlint -Wwarning $(MANUALS)
	@echo "lint: warnings of gcc and clang, $(words $(SOURCES)) files"
	@for c in gcc clang; do for f in $(SOURCES); do echo $$c $$f; done; done | xargs -P $$(nproc) -L 1 sh -c \
	  '$$1 $(DIALECT) -Iprograms/$$(basename $$(dirname $$2)) -Iprograms/$$(basename $${2%%_*}) -O2 $(WARNINGS) -Werror -c -o /dev/null $$2' lint
	@echo lint: cppcheck
	@$(CPPCHECK) $(FLOORS:%=-Iprograms/%) programs
	@echo lint: clang-tidy
	@printf '%s\n' $(filter programs/%,$(SOURCES)) | xargs -P $$(nproc) -I{} sh -c \
	  'clang-tidy --quiet {} -- $(DIALECT) 2>/dev/null'

clean:
	rm -rf build build-sanitize build-fuzz build-bookworm build-trixie

.PHONY: all plain install uninstall help run check run-packages test test-packages unpacked test-build check-one test-crash test-faults test-tls test-browser bench fuzz fuzz-build lint clean
