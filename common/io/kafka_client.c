#include "io/kafka_client.h"

#include "base/fault.h"
#include "base/log.h"
#include "io/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* For every kind of handle. Nagle costs 40 ms where the other side delays its acknowledgements. */
static const struct kafka_setting common[] = {
	{"socket.nagle.disable", "true"},
	{"socket.keepalive.enable", "true"},
	{"socket.timeout.ms", "10000"},
	{"reconnect.backoff.ms", "100"},
	{"reconnect.backoff.max.ms", "2000"},
	{"log.connection.close", "false"}, /* brokers close idle connections: no news */
	{NULL, NULL},
};

/* A changed value here loses or doubles records without a word, so the properties file may not have them. */
static const char *const fixed[] = {
	"bootstrap.servers",
	"metadata.broker.list",
	"group.id",
	"enable.auto.commit",
	"auto.commit.enable",
	"enable.auto.offset.store",
	"auto.offset.reset",
	"partition.assignment.strategy",
	"enable.idempotence",
	"acks",
	"request.required.acks",
};

enum { COMPLAIN_EVERY_US = 1000000 };
static _Atomic int64_t complained_us;
static _Atomic int64_t kept_back;

void kafka_client_complain(const char *where, const char *text)
{
	int64_t now = clock_mono().us, last = atomic_load(&complained_us);

	if ((last != 0 && now - last < COMPLAIN_EVERY_US) ||
		!atomic_compare_exchange_strong(&complained_us, &last, now)) {
		atomic_fetch_add(&kept_back, 1);
		return;
	}
	LOG(WARN, "kafka.troubled", LOG_STR("where", where), LOG_STR("why", text),
		LOG_NUM("kept_back", atomic_exchange(&kept_back, 0)));
}

/* From librdkafka's own threads. Its levels are syslog's: 4 is a warning. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	(void)rk;
	/* Said of every broker whose metadata requests are of an old version, as the embedded one's are: no trouble. */
	if (level <= 4 && strcmp(facility, "AUTOCREATE") != 0)
		kafka_client_complain(facility, text);
	else
		LOG(DEBUG, "kafka.logged", LOG_STR("where", facility), LOG_STR("what", text));
}

static void on_error(rd_kafka_t *rk, int code, const char *text, void *opaque)
{
	(void)rk;
	(void)opaque;
	kafka_client_complain(rd_kafka_err2name((rd_kafka_resp_err_t)code), text);
}

bool kafka_client_failed(struct err *err, rd_kafka_resp_err_t code, const char *doing)
{
	enum err_class class = ERR_RETRY;

	switch ((int)code) {
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
	case RD_KAFKA_RESP_ERR_INVALID_RECORD:
		class = ERR_REFUSED;
		break;
	case RD_KAFKA_RESP_ERR__FATAL:
	case RD_KAFKA_RESP_ERR__INVALID_ARG:
	case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
	case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
	case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
	case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
	case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
	case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
		class = ERR_BROKEN;
		break;
	}
	return err_set(err, class, code, "%s: %s", doing, rd_kafka_err2str(code));
}

static bool set(
	rd_kafka_conf_t *rd_conf, const char *name, const char *value, const char *whence, struct err *err)
{
	char why[160];

	if (rd_kafka_conf_set(rd_conf, FAULT("kafka.set", FAULT_REFUSED) ? "no.such.name" : name, value, why,
		    sizeof(why)) == RD_KAFKA_CONF_OK)
		return true;
	return err_set(err, ERR_BROKEN, 0, "%s: %s", whence, why);
}

static bool set_all(rd_kafka_conf_t *rd_conf, const struct kafka_setting *settings, struct err *err)
{
	for (; settings->name != NULL; settings++)
		if (!set(rd_conf, settings->name, settings->value, "Kafka settings", err))
			return false;
	return true;
}

static bool is_fixed(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(fixed); i++)
		if (strcmp(fixed[i], name) == 0)
			return true;
	return false;
}

/* One line of the properties file; it is cut in place. */
static bool set_line(rd_kafka_conf_t *rd_conf, char *line, const char *whence, struct err *err)
{
	struct text all = text_trim(text_of(line));
	char *equals, *name, *value;

	if (all.len == 0 || all.at[0] == '#' || all.at[0] == '!')
		return true;
	equals = memchr(all.at, '=', all.len);
	if (equals == NULL)
		return err_set(err, ERR_BROKEN, 0, "%s: no '=' in this line", whence);
	struct text left = text_trim((struct text){all.at, (size_t)(equals - all.at)});
	struct text right = text_trim((struct text){equals + 1, (size_t)(all.at + all.len - equals - 1)});
	name = line + (left.at - line);
	value = line + (right.at - line);
	value[right.len] = '\0';
	name[left.len] = '\0';
	if (is_fixed(name))
		return err_set(err, ERR_BROKEN, 0, "%s: %s is mkondo's own to set", whence, name);
	return set(rd_conf, name, value, whence, err);
}

static bool set_file(rd_kafka_conf_t *rd_conf, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, whence[128];
	size_t room = 0;
	bool good = true;

	if (file == NULL)
		return err_set(err, ERR_BROKEN, errno, "%s: %s", path, strerror(errno));
	for (unsigned number = 1; good && getline(&line, &room, file) >= 0; number++) {
		(void)snprintf(whence, sizeof(whence), "%.100s, line %u", path, number);
		good = set_line(rd_conf, line, whence, err);
	}
	if (good && ferror(file))
		good = err_set(err, ERR_BROKEN, errno, "%s: %s", path, strerror(errno));
	free(line);
	(void)fclose(file);
	return good;
}

rd_kafka_conf_t *kafka_client_conf(
	const struct kafka_conf *conf, const struct kafka_setting *settings, struct err *err)
{
	rd_kafka_conf_t *rd_conf = rd_kafka_conf_new();

	rd_kafka_conf_set_log_cb(rd_conf, on_log);
	rd_kafka_conf_set_error_cb(rd_conf, on_error);
	if (set_all(rd_conf, common, err) && set_all(rd_conf, settings, err) &&
		set(rd_conf, "bootstrap.servers", conf->bootstrap, "MKONDO_KAFKA_BOOTSTRAP", err) &&
		(conf->properties_file == NULL || conf->properties_file[0] == '\0' ||
			set_file(rd_conf, conf->properties_file, err)))
		return rd_conf;
	rd_kafka_conf_destroy(rd_conf);
	return NULL;
}

rd_kafka_t *kafka_client_new(rd_kafka_type_t type, rd_kafka_conf_t *rd_conf, struct err *err)
{
	char why[200] = "";
	rd_kafka_t *rk =
		FAULT_OF("kafka.new", FAULT_FAILED, type == RD_KAFKA_PRODUCER ? "producer" : "consumer")
			? NULL
			: rd_kafka_new(type, rd_conf, why, sizeof(why));

	if (rk == NULL) {
		rd_kafka_conf_destroy(rd_conf);
		err_set(err, ERR_BROKEN, 0, "Kafka: %s", why);
	}
	return rk;
}

void kafka_client_wake_join(rd_kafka_queue_t *queue, int fd)
{
	static const uint64_t one = 1;

	rd_kafka_queue_io_event_enable(queue, fd, &one, sizeof(one));
}

int kafka_client_wake_fd(rd_kafka_queue_t *queue, struct err *err)
{
	int fd = FAULT_ERRNO("kafka.eventfd", EMFILE) ? -1 : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0) {
		err_set(err, ERR_RETRY, errno, "eventfd: %s", strerror(errno));
		return -1;
	}
	kafka_client_wake_join(queue, fd);
	return fd;
}

void kafka_client_wake_clear(int fd)
{
	uint64_t times;

	(void)!read(fd, &times, sizeof(times));
}

void kafka_client_wake_set(int fd)
{
	static const uint64_t one = 1;

	(void)!write(fd, &one, sizeof(one));
}
