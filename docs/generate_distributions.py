"""Writes nbpipe/analysis/library/distributions.json: which distributions bring a module, and which they bring along.

``python docs/generate_distributions.py`` adds what the environment it runs in has installed, as its metadata says, to
what is written below and in the file already; so it may be run in one environment after another. What is written below
are facts that no environment at hand can tell: distributions that are seldom installed together, or at all.
"""
# A script, in no package:
# ruff: noqa: INP001, T201

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "nbpipe" / "analysis" / "library" / "distributions.json"
sys.path.insert(0, str(ROOT))

# Module and the distributions that bring it, the usual one first; only where the names differ, or there are several.
KNOWN = """
AppKit pyobjc-framework-Cocoa | Bio biopython | Crypto pycryptodome pycrypto | Cryptodome pycryptodomex
Cython cython | FinanceDataReader finance-datareader | IPython ipython | Levenshtein levenshtein python-Levenshtein
MeCab mecab-python3 | MetaTrader5 MetaTrader5 | MySQLdb mysqlclient | OpenGL PyOpenGL | OpenSSL pyOpenSSL
PIL pillow Pillow-SIMD | PyInstaller pyinstaller | PyPDF2 PyPDF2 | PySimpleGUI PySimpleGUI | Xlib python-xlib
absl absl-py | adlfs adlfs | agents openai-agents | ahrs ahrs | albumentations albumentations albumentationsx
alpaca_trade_api alpaca-trade-api | alpha_vantage alpha-vantage | apiclient google-api-python-client
attr attrs | autogen pyautogen ag2 autogen-agentchat | autogluon autogluon | autogluon.tabular autogluon.tabular autogluon | autogluon.timeseries autogluon.timeseries autogluon
autosklearn auto-sklearn | azureml azureml-core azureml-sdk azureml-dataprep | azure azure-core azure-identity azure-storage-blob azure-ai-ml
bayes_opt bayesian-optimization | basemap basemap | bs4 beautifulsoup4 | bson pymongo | cairo pycairo | cairosvg CairoSVG
cartopy Cartopy | category_encoders category-encoders | chart_studio chart-studio | clearml clearml | clip openai-clip clip
cloudinary cloudinary | cmake cmake | community python-louvain | comet_ml comet-ml | confluent_kafka confluent-kafka
cuda cuda-python | cudf cudf cudf-cu11 cudf-cu12 | cuml cuml cuml-cu11 cuml-cu12 | cugraph cugraph cugraph-cu11 cugraph-cu12 | cupy cupy cupy-cuda11x cupy-cuda12x
cv2 opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless opencv
dash_bootstrap_components dash-bootstrap-components | dash_core_components dash-core-components dash
dash_html_components dash-html-components dash | databricks databricks-sdk databricks-cli databricks-connect | dateutil python-dateutil | discord discord.py
datasets datasets | dgl dgl dgl-cu118 | django Django | dns dnspython | docx python-docx | dotenv python-dotenv | duckduckgo_search duckduckgo-search
earthpy earthpy | ee earthengine-api | efficientnet_pytorch efficientnet-pytorch | elasticsearch_dsl elasticsearch-dsl | faiss faiss-cpu faiss-gpu faiss
fasttext fasttext fasttext-wheel | fbprophet fbprophet | fitz PyMuPDF | flask Flask | flask_cors Flask-Cors | flask_sqlalchemy Flask-SQLAlchemy
ffmpeg ffmpeg-python | fpdf fpdf2 fpdf | freetype freetype-py | future future | fuzzywuzzy fuzzywuzzy | gdal GDAL | git GitPython | github PyGithub | gi PyGObject
gitlab python-gitlab | googleapiclient google-api-python-client | googlesearch googlesearch-python google | googletrans googletrans | gurobipy gurobipy
gridfs pymongo | grpc grpcio | gtts gTTS | haystack farm-haystack haystack-ai | hdbscan hdbscan | huggingface_hub huggingface-hub | hydra hydra-core
igraph igraph python-igraph | imblearn imbalanced-learn | imgkit imgkit | ipykernel ipykernel | iso3166 iso3166 | ipywidgets ipywidgets | jax jax | jaxlib jaxlib jax
jose python-jose | jwt PyJWT | kafka kafka-python | keras keras tensorflow | keras_cv keras-cv | keras_nlp keras-nlp | keras_tuner keras-tuner | kerastuner keras-tuner
kfp kfp | konlpy konlpy | lancedb lancedb | langchain_anthropic langchain-anthropic | langchain_chroma langchain-chroma | langchain_community langchain-community
langchain_core langchain-core | langchain_experimental langchain-experimental | langchain_google_genai langchain-google-genai
langchain_google_vertexai langchain-google-vertexai | langchain_huggingface langchain-huggingface | langchain_ollama langchain-ollama
langchain_openai langchain-openai | langchain_text_splitters langchain-text-splitters | lightning_fabric lightning-fabric
lightning_utilities lightning-utilities | lightning lightning | lime lime | linear_operator linear-operator | llama_cpp llama-cpp-python
llama_index llama-index llama-index-core | llama_parse llama-parse | loguru loguru | magic python-magic | markdown Markdown
matplotlib matplotlib matplotlib-base | matplotlib_inline matplotlib-inline | matplotlib_venn matplotlib-venn | mediapipe mediapipe
memory_profiler memory-profiler | missingno missingno | mistralai mistralai | mne mne | moviepy moviepy | mpl_toolkits matplotlib matplotlib-base | mpi4py mpi4py
mplfinance mplfinance | mpl_finance mpl-finance | mysql mysql-connector-python mysql-connector | nacl PyNaCl | neo4j neo4j | neptune neptune neptune-client | nest_asyncio nest-asyncio
newspaper newspaper3k newspaper4k | notebook notebook | noisereduce noisereduce | nn_pruning nn-pruning | ogb ogb | oauth2client oauth2client | odf odfpy | onnxruntime onnxruntime onnxruntime-gpu
open_clip open-clip-torch | opencc OpenCC | optimum optimum | osgeo GDAL | osmnx osmnx | ot POT | paddle paddlepaddle paddlepaddle-gpu | pandas_datareader pandas-datareader
pandas_gbq pandas-gbq | pandas_profiling pandas-profiling | pandas_ta pandas-ta | paho paho-mqtt | patoolib patool | pdfminer pdfminer.six pdfminer
phonenumbers phonenumbers | phik phik | pinecone pinecone pinecone-client | pkg_resources setuptools | plotly_express plotly-express plotly | playhouse peewee
pmdarima pmdarima | pptx python-pptx | prince prince | prometheus_client prometheus-client | prophet prophet | psycopg2 psycopg2 psycopg2-binary | pwlf pwlf
pyLDAvis pyLDAvis | pybullet_envs pybullet | pycocotools pycocotools | pycocoevalcap pycocoevalcap | pydantic_settings pydantic-settings
pydotplus pydotplus | pykalman pykalman | pylab matplotlib matplotlib-base | pymysql PyMySQL | pyparsing pyparsing | pypdf pypdf | pyspark pyspark databricks-connect
pystan pystan | pytesseract pytesseract | pytorch_fid pytorch-fid | pytorch_forecasting pytorch-forecasting | pytorch_lightning pytorch-lightning lightning
pytorch_metric_learning pytorch-metric-learning | pytorch_tabnet pytorch-tabnet | pytorch_transformers pytorch-transformers | pywt PyWavelets
qdrant_client qdrant-client | qiskit_aer qiskit-aer | ragas ragas | rasterio rasterio | rank_bm25 rank-bm25 | ray ray | rdkit rdkit rdkit-pypi | ruamel ruamel.yaml
rouge_score rouge-score | rpy2 rpy2 | sagemaker_training sagemaker-training | seqeval seqeval | sacrebleu sacrebleu | scikitplot scikit-plot | scikits scikits.bootstrap
segment_anything segment-anything | segmentation_models segmentation-models | segmentation_models_pytorch segmentation-models-pytorch
sentence_transformers sentence-transformers | serial pyserial | setuptools setuptools | shapefile pyshp | shapely Shapely | skbio scikit-bio | skfuzzy scikit-fuzzy
skimage scikit-image | sklearn scikit-learn | sklearn_crfsuite sklearn-crfsuite | sklearn_extra scikit-learn-extra | sklearn_pandas sklearn-pandas
sklearnex scikit-learn-intelex | skmultilearn scikit-multilearn | skopt scikit-optimize | sksurv scikit-survival | sktime sktime | slack slackclient | slack_sdk slack-sdk
slugify python-slugify | smart_open smart-open | snowflake snowflake-connector-python snowflake-snowpark-python | snscrape snscrape | snntorch snntorch
socks PySocks | socketio python-socketio | sounddevice sounddevice | speech_recognition SpeechRecognition | sql ipython-sql jupysql | squarify squarify
stable_baselines stable-baselines | stable_baselines3 stable-baselines3 | surprise scikit-surprise | tables tables pytables | talib TA-Lib | telegram python-telegram-bot
tensorboard tensorboard tensorflow | tensorboardX tensorboardX | tensorflow tensorflow tensorflow-cpu tensorflow-gpu tensorflow-macos tf-nightly intel-tensorflow
tensorflow_addons tensorflow-addons | tensorflow_datasets tensorflow-datasets tfds-nightly | tensorflow_data_validation tensorflow-data-validation
tensorflow_federated tensorflow-federated | tensorflow_hub tensorflow-hub | tensorflow_io tensorflow-io | tensorflow_model_analysis tensorflow-model-analysis
tensorflow_model_optimization tensorflow-model-optimization | tensorflow_probability tensorflow-probability tfp-nightly | tensorflow_text tensorflow-text
tensorflow_transform tensorflow-transform | tf_keras tf-keras | tfx tfx | thop thop | tlz toolz | torch torch pytorch torch-cpu pytorch-cpu pytorch-gpu | torch_geometric torch-geometric pyg
torch_scatter torch-scatter | torch_sparse torch-sparse | torchvision torchvision | torchsummary torchsummary | torchtext torchtext | transformer_lens transformer-lens
tree_sitter tree-sitter | treelite_runtime treelite-runtime | typing_extensions typing-extensions | ucimlrepo ucimlrepo | umap umap-learn | unidecode Unidecode | usb pyusb
vaderSentiment vaderSentiment | vega_datasets vega-datasets | vertexai google-cloud-aiplatform | win32api pywin32 | win32com pywin32 | wandb wandb | weaviate weaviate-client
webdriver_manager webdriver-manager | websocket websocket-client | wordcloud wordcloud | wx wxPython | xgboost xgboost xgboost-cpu py-xgboost | xlrd xlrd | xlsxwriter XlsxWriter | yaml PyYAML
yellowbrick yellowbrick | youtube_dl youtube-dl | youtube_transcript_api youtube-transcript-api | yt_dlp yt-dlp | ydata_profiling ydata-profiling | z3 z3-solver
zipline zipline-reloaded zipline | zmq pyzmq | zstd zstd | google.protobuf protobuf | google.auth google-auth
google.oauth2 google-auth | google.api_core google-api-core | google.generativeai google-generativeai | google.genai google-genai | google.adk google-adk
google.colab google-colab | google_auth_oauthlib google-auth-oauthlib | googlemaps googlemaps | google.cloud.aiplatform google-cloud-aiplatform
google.cloud.aiplatform_v1 google-cloud-aiplatform | google.cloud.aiplatform_v1beta1 google-cloud-aiplatform | google.cloud.bigquery google-cloud-bigquery
google.cloud.bigquery_storage google-cloud-bigquery-storage | google.cloud.storage google-cloud-storage | google.cloud.vision google-cloud-vision
google.cloud.language google-cloud-language | google.cloud.speech google-cloud-speech | google.cloud.translate google-cloud-translate
google.cloud.translate_v2 google-cloud-translate | google.cloud.pubsub google-cloud-pubsub | google.cloud.pubsub_v1 google-cloud-pubsub
google.cloud.firestore google-cloud-firestore | google.cloud.spanner google-cloud-spanner | google.cloud.documentai google-cloud-documentai
google.cloud.dataproc google-cloud-dataproc | google.cloud.dataproc_v1 google-cloud-dataproc | google.cloud.logging google-cloud-logging
google.cloud.secretmanager google-cloud-secret-manager | google.cloud.texttospeech google-cloud-texttospeech | google.cloud.automl google-cloud-automl
google.cloud.automl_v1beta1 google-cloud-automl | google.cloud.notebooks google-cloud-notebooks | google.cloud.datacatalog google-cloud-datacatalog
google.cloud.discoveryengine google-cloud-discoveryengine | google.cloud.discoveryengine_v1 google-cloud-discoveryengine | google.cloud.run_v2 google-cloud-run
google.cloud.resourcemanager google-cloud-resource-manager | google.cloud.exceptions google-cloud-core | google_cloud_pipeline_components google-cloud-pipeline-components
azure.ai.ml azure-ai-ml | azure.ai.inference azure-ai-inference | azure.ai.projects azure-ai-projects | azure.ai.evaluation azure-ai-evaluation
azure.ai.textanalytics azure-ai-textanalytics | azure.ai.formrecognizer azure-ai-formrecognizer | azure.identity azure-identity | azure.core azure-core
azure.storage.blob azure-storage-blob azure-storage | azure.storage.filedatalake azure-storage-file-datalake | azure.storage.queue azure-storage-queue
azure.keyvault.secrets azure-keyvault-secrets | azure.cosmos azure-cosmos | azure.search.documents azure-search-documents
azure.cognitiveservices.vision.computervision azure-cognitiveservices-vision-computervision | azure.cognitiveservices.speech azure-cognitiveservices-speech
azure.mgmt.resource azure-mgmt-resource | azure.mgmt.compute azure-mgmt-compute | azure.mgmt.storage azure-mgmt-storage | azure.eventhub azure-eventhub
azure.kusto.data azure-kusto-data | ruamel.yaml ruamel.yaml | mpl_toolkits.basemap basemap | msrest msrest | mlflow mlflow mlflow-skinny | mock mock | toolz toolz cytoolz
"""
# Modules whose distribution has their name: all that says is that they are none of the project's own.
PLAIN = """
aiohttp alembic allennlp altair anthropic arch arviz astropy astroquery ax babel bitsandbytes bokeh boto3 botocore bottleneck captum
catboost celery chainer chromadb click cloudpickle cohere colorama colorcet contextily contractions crewai cvxopt cvxpy cryptography dash dask deap deepchem deepspeed
diffusers dill distributed docker dowhy dtreeviz econml einops eli5 emcee emoji ephem evaluate fairlearn faker fastai fastapi fastcore fastparquet
featuretools feedparser fiona fire flax folium fsspec ftfy gcsfs gdown gensim geopandas geopy ginza gpytorch gradio graphviz groq gym gymnasium h5py h2o holidays holoviews html5lib
httpx hvplot hyperopt imageio imgaug interpret jieba jiwer joblib jsonlines jsonschema kaggle kornia langchain langgraph langdetect langsmith librosa lifelines lightgbm llvmlite lmfit lxml mapie matminer mlxtend modin moto mpmath
nbdev netCDF4 networkx nibabel nilearn nltk numba numexpr numpy numpyro odo ollama onnx openai openpyxl optax optuna orbax ortools pandas pandera parso pathos patsy peewee peft pendulum
pennylane pgmpy pika plotly plotnine polars prettytable psutil py7zr pyarrow pycaret pycountry pydantic pydicom pydot pydub pyfolio pygame pyinstrument pymc pymc3 pymongo pyomo pyproj pyro pytest pytz qiskit
quandl rapidfuzz rasterio redis regex requests requests_html rich river safetensors sagemaker scanpy scipy scrapy seaborn selenium sentencepiece shap simpy six skorch
smac soundfile spacy sqlalchemy stanza statsmodels stopit streamlit sympy tabulate tbats tensorly termcolor textblob textstat tflearn theano tiktoken timm tokenizers toml torchaudio torchinfo torchmetrics tornado
tpot tqdm trafilatura transformers trimesh trl tsfresh tslearn tweepy typer tzlocal ujson umap uvicorn vaex vllm wget wikipedia xarray xformers xlwt xmltodict yfinance zarr
"""
# Distributions that a well-known one surely brings along, where the environment at hand does not have it.
BRINGS = """
beautifulsoup4 soupsieve | boto3 botocore s3transfer jmespath | sagemaker boto3 botocore numpy pandas protobuf pyyaml | fastai torch torchvision matplotlib pandas requests pyyaml fastprogress pillow scikit-learn scipy spacy fastcore
geopandas pandas shapely pyproj numpy | gensim numpy scipy smart-open | imbalanced-learn numpy scipy scikit-learn joblib | jax jaxlib numpy scipy | jupyter notebook ipykernel ipywidgets nbconvert jupyter-console jupyterlab ipython
ipykernel ipython matplotlib-inline | keras numpy h5py absl-py | langchain langchain-core pyyaml requests sqlalchemy pydantic | librosa numpy scipy scikit-learn joblib numba soundfile | lightgbm numpy scipy
mlxtend numpy scipy pandas scikit-learn matplotlib joblib | nltk click joblib regex tqdm | notebook ipykernel ipython jupyterlab | plotly packaging | pytorch-lightning torch torchmetrics tqdm pyyaml numpy | pyspark py4j
scikit-image numpy scipy networkx pillow imageio | seaborn numpy pandas matplotlib | sentence-transformers transformers torch numpy scikit-learn scipy huggingface-hub tqdm pillow | shap numpy scipy scikit-learn pandas tqdm numba
spacy numpy requests tqdm | statsmodels numpy scipy pandas patsy | streamlit pandas numpy altair pillow pyarrow requests | tensorflow numpy keras h5py protobuf absl-py tensorboard six requests | timm torch torchvision pyyaml huggingface-hub
torchvision torch numpy pillow | transformers numpy requests pyyaml tokenizers huggingface-hub tqdm regex safetensors | datasets numpy pandas pyarrow requests tqdm huggingface-hub fsspec pyyaml | evaluate datasets numpy pandas requests tqdm huggingface-hub
accelerate torch numpy psutil pyyaml huggingface-hub | diffusers huggingface-hub numpy requests pillow regex | xgboost numpy scipy | yellowbrick matplotlib scipy scikit-learn numpy | wordcloud numpy pillow matplotlib | xarray numpy pandas
bokeh numpy pandas jinja2 pillow pyyaml | dask pyyaml cloudpickle toolz fsspec | pycaret numpy pandas scipy scikit-learn joblib matplotlib lightgbm plotly tqdm imbalanced-learn category-encoders | prophet numpy pandas matplotlib cmdstanpy tqdm
"""


def main() -> int:
    """Write the file and say what it holds."""
    from nbpipe.environment.requirement import normalized

    old = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {"modules": {}, "brings": {}}
    modules = {name: list(known) for name, known in old["modules"].items()}
    brings = {name: set(known) for name, known in old["brings"].items()}
    for entry in re.split(r"[|\n]", KNOWN):
        if words := entry.split():
            _add(modules, words[0], [normalized(word) for word in words[1:]])
    for module in PLAIN.split():
        _add(modules, module, [normalized(module)])
    for entry in re.split(r"[|\n]", BRINGS):
        if words := entry.split():
            brings.setdefault(words[0], set()).update(map(normalized, words[1:]))
    for module, names in packages_distributions().items():
        if re.fullmatch(r"[A-Za-z]\w*", module) and module not in ("tests", "test", "docs", "examples", "google", "azure"):
            _add(modules, module, sorted(map(normalized, set(names))))
    for distribution in distributions():
        requires = [each for each in distribution.requires or () if "extra ==" not in each and "extra==" not in each]
        names = {normalized(re.split(r"[^\w.-]", each, maxsplit=1)[0]) for each in requires}
        if names:
            brings.setdefault(normalized(distribution.name), set()).update(names)
    facts = {
        "comment": "Written by docs/generate_distributions.py. modules: import name to distributions, the usual first.",
        "modules": dict(sorted(modules.items())),
        "brings": {name: sorted(names) for name, names in sorted(brings.items())},
    }
    rows = [f' "{key}": {json.dumps(value)}' for key, value in facts.items() if isinstance(value, str)]
    for key in ("modules", "brings"):
        lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in facts[key].items()]  # type: ignore[attr-defined]
        rows.append(f' "{key}": {{\n' + ",\n".join(lines) + "\n }")
    FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    print(f"{len(modules)} modules, {len(brings)} distributions with what they bring")
    return 0


def _add(modules: dict[str, list[str]], module: str, names: list[str]) -> None:
    known = modules.setdefault(module, [])
    known += [name for name in names if name not in known]


if __name__ == "__main__":
    sys.exit(main())
