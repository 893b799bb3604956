"""What signatures do not tell: what is no setting, and when a call that takes a seed draws at random.

Sources: the descriptions of `random_state` in scikit-learn's and imbalanced-learn's reference. A callable that takes
a seed and stands in none of these tables stops the generator: a new release must be judged, not guessed.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Arguments that are no settings of the computation: how fast, how loud, how stored, which seed, which data.
NO_SETTINGS = _words(
    "allow_writing_files block_size cache_size cat_features class_weight classes_count constant copy device "
    "encoded_missing_value error_score evaluate_every feature_range fill_value gpu_id gpu_ram_part importance_type "
    "intercept_scaling leaf_size logging_level metric_period missing missing_values n_jobs name neg_label nthread "
    "num_parallel_tree objective pos_label pre_dispatch random_seed random_state seed silent snapshot_interval "
    "sparse_threshold task_type thread_count unknown_value used_ram_limit validate_parameters verbose "
    "verbose_interval verbosity y_max y_min scoring remainder neg_label max_categories"
)

# Settings given as text that are tuned like numbers; other texts choose what to do, which is implementation.
TUNED_TEXT = _words("activation criterion kernel linkage loss metric norm penalty weights")

# Settings of scikit-learn's functions and splitters; the rest of their arguments are data.
FUNCTION_SETTINGS = _words(
    "cv n_folds n_iter n_permutations n_repeats n_splits param_range test_size train_size train_sizes"
)

# What earlier releases called settings, still common in notebooks.
LEGACY: dict[str, dict[str, str]] = {
    "sklearn": {
        "DecisionTreeClassifier": "min_impurity_split",
        "KFold": "n_folds",
        "Perceptron": "n_iter",
        "RandomForestClassifier": "min_impurity_split",
        "SGDClassifier": "n_iter",
        "SGDRegressor": "n_iter",
        "ShuffleSplit": "n_iter",
        "StratifiedKFold": "n_folds",
        "StratifiedShuffleSplit": "n_iter",
        "TSNE": "n_iter",
    },
    "imblearn": {},
}

# Random unless one of these arguments has one of these values (an empty table: always).
RANDOM: dict[str, dict[str, dict[str, list[object]]]] = {
    "sklearn": {
        name: {}
        for name in _words(
            "AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor BayesianGaussianMixture "
            "BernoulliRBM BisectingKMeans DecisionTreeClassifier DecisionTreeRegressor EllipticEnvelope "
            "ExtraTreeClassifier ExtraTreeRegressor ExtraTreesClassifier ExtraTreesRegressor FastICA GaussianMixture "
            "GaussianRandomProjection GradientBoostingClassifier GradientBoostingRegressor HalvingRandomSearchCV "
            "IsolationForest KMeans LatentDirichletAllocation MDS MLPClassifier MLPRegressor MinCovDet "
            "MiniBatchKMeans MiniBatchSparsePCA Nystroem OutputCodeClassifier PolynomialCountSketch RANSACRegressor "
            "RBFSampler RandomForestClassifier RandomForestRegressor RandomTreesEmbedding RandomizedSearchCV "
            "SkewedChi2Sampler SparseRandomProjection SpectralBiclustering SpectralClustering SpectralCoclustering "
            "TSNE TheilSenRegressor GroupShuffleSplit ParameterSampler RepeatedKFold RepeatedStratifiedKFold "
            "ShuffleSplit StratifiedShuffleSplit fast_mcd fastica k_means kmeans_plusplus make_biclusters make_blobs "
            "make_checkerboard make_classification make_friedman1 make_friedman2 make_friedman3 "
            "make_gaussian_quantiles make_hastie_10_2 make_low_rank_matrix make_multilabel_classification "
            "make_regression make_s_curve make_sparse_coded_signal make_sparse_spd_matrix make_sparse_uncorrelated "
            "make_spd_matrix make_swiss_roll permutation_importance randomized_svd resample shuffle smacof "
            "sample_without_replacement spectral_clustering"
        )
    }
    | {
        "MiniBatchDictionaryLearning": {"shuffle": [False]},
        "PassiveAggressiveClassifier": {"shuffle": [False]},
        "PassiveAggressiveRegressor": {"shuffle": [False]},
        "SGDClassifier": {"shuffle": [False]},
        "SGDOneClassSVM": {"shuffle": [False]},
        "SGDRegressor": {"shuffle": [False]},
        "TruncatedSVD": {"algorithm": ["arpack"]},
        "train_test_split": {"shuffle": [False]},
    },
    "scipy": {
        name: {}
        for name in _words(
            "LatinHypercube MultinomialQMC MultivariateNormalQMC PoissonDisk Rotation.random basinhopping bootstrap "
            "clarkson_woodruff_transform differential_evolution dual_annealing dunnett gaussian_kde.resample "
            "goodness_of_fit multiscale_graphcorr random_array rvs sobol_indices sparse.rand sparse.random vq.kmeans"
        )
    }
    | {
        "Halton": {"scramble": [False]},
        "Sobol": {"scramble": [False]},
        "kmeans2": {"minit": ["matrix"]},
    },
    "imblearn": {
        name: {}
        for name in _words(
            "ADASYN BalancedBaggingClassifier BalancedRandomForestClassifier BorderlineSMOTE ClusterCentroids "
            "EasyEnsembleClassifier KMeansSMOTE RUSBoostClassifier RandomOverSampler RandomUnderSampler SMOTE "
            "SMOTEENN SMOTEN SMOTENC SMOTETomek SVMSMOTE make_imbalance InstanceHardnessThreshold "
            "CondensedNearestNeighbour OneSidedSelection BalancedBatchGenerator balanced_batch_generator"
        )
    },
}

# Random only where one of these arguments has one of these values ("*": is given and not None).
RANDOM_WHEN: dict[str, dict[str, dict[str, list[object]]]] = {
    "sklearn": {
        "ClassifierChain": {"order": ["random"]},
        "DummyClassifier": {"strategy": ["stratified", "uniform"]},
        "ElasticNet": {"selection": ["random"]},
        "ElasticNetCV": {"selection": ["random"]},
        "GroupKFold": {"shuffle": [True]},
        "HistGradientBoostingClassifier": {"early_stopping": [True]},
        "HistGradientBoostingRegressor": {"early_stopping": [True]},
        "IterativeImputer": {"sample_posterior": [True], "imputation_order": ["random"]},
        "KFold": {"shuffle": [True]},
        "KernelPCA": {"eigen_solver": ["randomized"]},
        "Lasso": {"selection": ["random"]},
        "LassoCV": {"selection": ["random"]},
        "LinearSVC": {"dual": [True]},
        "LinearSVR": {"dual": [True]},
        "LogisticRegression": {"solver": ["sag", "saga"]},
        "LogisticRegressionCV": {"solver": ["sag", "saga"]},
        "MiniBatchNMF": {"init": ["random", "nndsvdar"]},
        "MultiTaskElasticNet": {"selection": ["random"]},
        "MultiTaskElasticNetCV": {"selection": ["random"]},
        "MultiTaskLasso": {"selection": ["random"]},
        "MultiTaskLassoCV": {"selection": ["random"]},
        "NMF": {"init": ["random", "nndsvdar"]},
        "NeighborhoodComponentsAnalysis": {"init": ["random"]},
        "NuSVC": {"probability": [True]},
        "PCA": {"svd_solver": ["arpack", "randomized"]},
        "PatchExtractor": {"max_patches": ["*"]},
        "RegressorChain": {"order": ["random"]},
        "Ridge": {"solver": ["sag", "saga"]},
        "RidgeClassifier": {"solver": ["sag", "saga"]},
        "SVC": {"probability": [True]},
        "StratifiedGroupKFold": {"shuffle": [True]},
        "StratifiedKFold": {"shuffle": [True]},
        "extract_patches_2d": {"max_patches": ["*"]},
        "learning_curve": {"shuffle": [True]},
        "make_circles": {"noise": ["*"]},
        "make_moons": {"noise": ["*"]},
        "silhouette_score": {"sample_size": ["*"]},
    },
    "imblearn": {},
}

# Takes a seed, but gives the same on data of the usual size, or up to a sign or noise in the last digits.
NOT_RANDOM: dict[str, str] = {
    "sklearn": (
        "AffinityPropagation affinity_propagation DictionaryLearning dict_learning dict_learning_online "
        "GaussianProcessClassifier GaussianProcessRegressor HalvingGridSearchCV KBinsDiscretizer Lars LassoLars "
        "LocallyLinearEmbedding QuantileTransformer SparsePCA SpectralEmbedding TunedThresholdClassifierCV check_cv "
        "estimate_bandwidth fetch_covtype fetch_kddcup99 fetch_rcv1 locally_linear_embedding mutual_info_classif "
        "mutual_info_regression non_negative_factorization quantile_transform randomized_range_finder "
        "ridge_regression spectral_embedding BaseShuffleSplit PartialDependenceDisplay"
    ),
    "imblearn": "NearMiss TomekLinks EditedNearestNeighbours fetch_datasets",
}

# Arguments that make a draw reproducible, where that is not `random_state`.
SEEDS = {"scipy": "random_state rng seed"}

# Names of arguments that are places of files; "" for libraries that have none of their own.
PLACES: dict[str, frozenset[str]] = {
    "": _words("file_name filename filepath fname path_or_buf"),
    "scipy": _words("file_name filename"),
    "polars": _words("file filename source"),
    "statsmodels": _words("fname"),
    "lightgbm": _words("filename model_file"),
    "xgboost": _words("fname"),
}

# What annotations or docstrings say, and `tests/analysis/test_library_reality.py` found to be otherwise.
DOUBTED = _words(
    "numpy.ma.MaskedArray.argsort numpy.ma.MaskedArray.toflex numpy.ma.MaskedArray.torecords "
    "pandas.DataFrame.agg pandas.DataFrame.aggregate pandas.DataFrame.boxplot pandas.DataFrame.hist "
    "pandas.DatetimeIndex.intersection pandas.DatetimeIndex.symmetric_difference pandas.DatetimeIndex.union "
    "pandas.Index.isna pandas.Index.notna pandas.Series.divmod pandas.Series.hist pandas.Series.rdivmod "
    "pandas.api.typing.DataFrameGroupBy.agg pandas.api.typing.DataFrameGroupBy.aggregate "
    "pandas.api.typing.DataFrameGroupBy.skew pandas.api.typing.SeriesGroupBy.agg "
    "pandas.api.typing.SeriesGroupBy.aggregate sklearn.feature_extraction.DictVectorizer.fit_transform "
    "sklearn.feature_extraction.FeatureHasher.fit_transform sklearn.preprocessing.KBinsDiscretizer.fit_transform "
    "sklearn.feature_extraction.text.HashingVectorizer.fit_transform sklearn.preprocessing.OneHotEncoder.fit_transform "
    "sklearn.feature_extraction.text.TfidfTransformer.fit_transform"
)
