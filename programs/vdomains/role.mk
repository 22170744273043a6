PROGRAMS += vdomains/autorespond vdomains/vpopbull vdomains/vdeloldusers vdomains/vconvert
PROGRAMS += vdomains/vusage vdomains/vrcptcheck vdomains/dotqmail2valias vdomains/vreorg vdomains/vexport vdomains/vimport \
  vdomains/vmovedomain vdomains/vpopmaild vdomains/vlist
PROGRAMS += vdomains/qmail-usersd vdomains/qmail-ownersd vdomains/vchkpw vdomains/authvchkpw vdomains/checklogin
PROGRAMS += vdomains/vadddomain vdomains/vaddaliasdomain vdomains/vdeldomain vdomains/vadduser vdomains/vdeluser vdomains/vrenameuser \
  vdomains/vmoduser vdomains/vpasswd vdomains/vsetuserquota vdomains/vmkpasswd vdomains/vuserinfo vdomains/vdominfo \
  vdomains/vverifypw vdomains/vapppassword vdomains/vchangepw vdomains/valias vdomains/vmoddomlimits vdomains/vipmap vdomains/clearopensmtp vdomains/vrepair
$(foreach program,$(filter vdomains/%,$(PROGRAMS)),$(eval LIBS_$(program) = -l:libcdb.a -lcrypt))
LIBS_vdomains/vimport += -l:libjansson.a

PROGRAMS += vdomains/vdelivermail
LIBS_vdomains/vdelivermail = -l:libcdb.a
