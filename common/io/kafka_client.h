#ifndef IO_KAFKA_CLIENT_H
#define IO_KAFKA_CLIENT_H

#include "io/kafka.h"

#include <librdkafka/rdkafka.h>

/*
 * What consumer, producer and topic creation have in common: the way from our settings to a librdkafka
 * handle, and from its codes to our error classes. For io/kafka*.c only.
 */
struct kafka_setting {
	const char *name, *value; /* a row without name ends the list */
};

/* `settings` over librdkafka's defaults, the properties file over both; but what the promise rests on (offsets, acknowledgements,
   assignment) is refused there. NULL: *err is filled. */
rd_kafka_conf_t *kafka_client_conf(
	const struct kafka_conf *conf, const struct kafka_setting *settings, struct err *err);
/* Takes rd_conf, whatever happens. NULL: *err is filled. */
rd_kafka_t *kafka_client_new(rd_kafka_type_t type, rd_kafka_conf_t *rd_conf, struct err *err);
/* Fills *err with the class that the code means, and "what we were doing: its text"; returns false. */
bool kafka_client_failed(struct err *err, rd_kafka_resp_err_t code, const char *doing);
/* A line in the log, at most one a second in this process: librdkafka repeats itself while a broker is away. */
void kafka_client_complain(const char *where, const char *text);
/* An eventfd that is readable when the queue has something. -1: *err is filled. */
int kafka_client_wake_fd(rd_kafka_queue_t *queue, struct err *err);
void kafka_client_wake_join(rd_kafka_queue_t *queue, int fd); /* another queue on the same one */
void kafka_client_wake_clear(int fd);
void kafka_client_wake_set(int fd);

#endif
