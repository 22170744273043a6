PROGRAMS += queue/qmail-queue queue/qmail-queued queue/qmail-send queue/qmail-clean queue/qmail-start queue/qmail-qread queue/qmail-qstat queue/qmail-takeover \
  queue/qmail-queuecheck queue/qmail-qctl queue/qmail-filter
