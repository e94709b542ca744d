#include "poller/poller.h"
#include "service/service.h"

int main(int argc, char **argv)
{
	struct poller poller = {0};
	const struct conf_group conf[] = {
		{kafka_conf_rows, &poller.kafka},
		{publisher_conf_rows, &poller.publishing},
		{store_conf_rows, &poller.database},
		{NULL, NULL},
	};
	const struct service service = {
		.name = "poller",
		.about = "keeps time: leases, retries, questions, horizons and owed results",
		.admin_default = "127.0.0.1:9105",
		.conf = conf,
		.start = poller_start,
		.work = poller_work,
		.ready = poller_ready,
		.stop = poller_stop,
		.self = &poller,
	};

	return service_main(&service, argc, argv);
}
