#include "dispatcher/dispatcher.h"
#include "service/service.h"

int main(int argc, char **argv)
{
	struct dispatcher dispatcher = {0};
	const struct conf_group conf[] = {
		{dispatcher_conf_rows, &dispatcher.settings},
		{kafka_conf_rows, &dispatcher.kafka},
		{publisher_conf_rows, &dispatcher.publishing},
		{store_conf_rows, &dispatcher.database},
		{account_conf_rows, &dispatcher.accounts_from},
		{NULL, NULL},
	};
	const struct service service = {
		.name = "dispatcher",
		.about =
			"sends payments to Daraja, at most once each, within its limits, and asks about them",
		.admin_default = "127.0.0.1:9102",
		.conf = conf,
		.start = dispatcher_start,
		.run = dispatcher_run,
		.ready = dispatcher_ready,
		.stop = dispatcher_stop,
		.self = &dispatcher,
	};

	return service_main(&service, argc, argv);
}
