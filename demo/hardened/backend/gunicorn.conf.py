bind = "0.0.0.0:8000"
workers = 3
timeout = 30
graceful_timeout = 30
max_requests = 2000
max_requests_jitter = 200
worker_tmp_dir = "/dev/shm"
accesslog = "-"
